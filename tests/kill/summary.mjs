import { STEPS } from './kill-moments.mjs';

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(0)} kB`;
}

/** How far the fetch was at the kills, and how often. */
function counts(kills) {
  const counted = STEPS.map((step) => [step, kills.filter((kill) => kill.step === step).length]);
  return counted.map(([step, count]) => `${step} ${count}`).join(', ');
}

/** The figures of many trials as a block of text. */
export function summary(engine, outcomes) {
  const total = (count) => sum(outcomes.map(count));
  const kills = outcomes.flatMap((outcome) => outcome.kills);
  const resent = kills.map((kill) => kill.resent);
  const rows = {
    trials: `${outcomes.length} in ${(total(({ ms }) => ms) / 1000).toFixed(0)} s`,
    kills: `${kills.length}: ${counts(kills)}`,
    lost: `${total(({ lost }) => lost.length)}, ${total(({ lostBytes }) => lostBytes)} bytes`,
    'database deleted': `${total(({ deleted }) => (deleted ? 1 : 0))} by the browser, as damaged`,
    corrupt: total(({ corrupt }) => corrupt.length),
    hung: total(({ hung }) => (hung ? 1 : 0)),
    'duplicate events': `${total(({ duplicates }) => duplicates)}, of which without a kill ${total(({ repeated }) => repeated.length)}`,
    unreadable: `${total(({ unreadable }) => unreadable.length)} records had an end that nobody was shown`,
    'resent per kill': `${kilobytes(sum(resent) / Math.max(1, kills.length))}, at most ${kilobytes(Math.max(0, ...resent))}`,
  };
  const lines = Object.entries(rows).map(([name, value]) => `  ${name.padEnd(16)}  ${value}`);
  return [`${engine}:`, ...lines].join('\n');
}
