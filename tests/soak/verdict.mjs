/** What is wrong at the end of a run. */
export class Verdict {
  faults;

  /** `left` are the fetches that are still in the database; `stuck` is why windows did not go on. */
  constructor({ all, escaped }, { left, stuck }) {
    const inDatabase = new Set((left ?? []).map(({ id }) => id));
    const waiting = all.filter(({ isBegun, isThrough }) => isBegun && !isThrough);
    const isThere = ({ id }) => inDatabase.has(id);
    this.faults = {
      lost: waiting.filter((download) => !isThere(download)).map(describe),
      corrupt: all.flatMap(({ id, damage, wrongEvents, refused }) =>
        [...damage, ...wrongEvents, ...refused].map((what) => `${id}: ${what}`),
      ),
      hung: waiting.filter(isThere).map(describe),
      stuck,
      escaped,
    };
    if (left?.length === 0) this.faults.corrupt.push('rows of no fetch are left in the database');
    const known = new Set(waiting.map(({ id }) => id));
    for (const row of (left ?? []).filter(({ id }) => !known.has(id))) {
      this.faults.hung.push(`${JSON.stringify(row)} is left in the database`);
    }
  }

  get isGood() {
    return Object.values(this.faults).every((list) => list.length === 0);
  }
}

function describe({ id, files, pauses, aborts, abortAnswers, begun }) {
  const facts = { id, files, pauses, aborts, abortAnswers, begun: begun.length };
  return JSON.stringify(facts);
}
