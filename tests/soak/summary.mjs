function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** The figures of a run so far. */
export function figures({ minutes, ledger, examiner, tabs }) {
  const { all } = ledger;
  const sum = (list, count) => list.reduce((total, each) => total + count(each), 0);
  const ends = (type) => all.filter(({ ended }) => ended[0]?.type === `backgroundfetch${type}`).length;
  const types = ['success', 'fail', 'abort'].map((type) => `${type} ${ends(type)}`).join(', ');
  return {
    minutes: minutes.toFixed(1),
    fetches: `${all.filter(({ isBegun, isThrough }) => isBegun || isThrough).length}: ${types}`,
    tabs: `${sum(tabs, ({ opened }) => opened)} opened, ${sum(tabs, ({ closed }) => closed)} closed, ${sum(tabs, ({ loads }) => loads)} loads`,
    'not gone back': sum(tabs, ({ notBack }) => notBack),
    pauses: sum(all, ({ pauses }) => pauses),
    aborts: sum(all, ({ aborts }) => aborts),
    bytes: megabytes(examiner.bytes),
    resent: megabytes(examiner.resent),
    'duplicate events': sum(all, ({ duplicates }) => duplicates),
    escaped: ledger.escaped.length,
    stopped: ledger.stopped.length,
    complained: ledger.complained.length,
  };
}

/** On one line, for every minute. */
export function progressLine(facts) {
  return Object.entries(facts)
    .map(([name, value]) => `${name} ${value}`)
    .join(' | ');
}

/** As a block of text, with what went wrong below. */
export function summary(engine, seed, facts, verdict) {
  const counts = Object.fromEntries(
    Object.entries(verdict.faults).map(([kind, list]) => [kind, list.length]),
  );
  const rows = Object.entries({ seed, ...facts, ...counts });
  const lines = rows.map(([name, value]) => `  ${name.padEnd(16)}  ${value}`);
  const faults = Object.entries(verdict.faults).flatMap(([kind, list]) =>
    list.map((what) => `${kind}: ${what}`),
  );
  return [`${engine}:`, ...lines, ...faults].join('\n');
}
