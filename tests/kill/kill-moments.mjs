/** The life of a background fetch, as far as it can be seen from outside. */
export const STEPS = [
  // The page is there, and asks for the fetch.
  'asked',
  // fetch() has resolved, or a later page has found the fetch.
  'resolved',
  // The server has sent the last byte of every file.
  'sent',
  // A page shows the result.
  'settled',
  // The event's handler has begun, has stored all files, and is about to end.
  'begun',
  'stored',
  'ended',
];

/** Each has its place in that life, `order`. Those within a step say themselves when they are there. */
const KINDS = {
  asked: { order: 0 },
  resolved: { order: 1 },
  time: { order: 1.5, choose: (choices) => ({ ms: choices.between(0, 1000) }) },
  bytes: { order: 1.5, choose: (choices) => ({ share: choices.fraction() }) },
  shown: { order: 1.5, choose: (choices) => ({ times: choices.between(1, 12) }) },
  sent: { order: 2 },
  settled: { order: 3 },
  begun: { order: 4 },
  stored: { order: 5 },
  ended: { order: 6 },
};
const COUNTS = { 1: 5, 2: 6, 3: 4, 4: 2 };
const WEIGHTS = {
  asked: 2,
  resolved: 2,
  time: 3,
  bytes: 4,
  shown: 3,
  sent: 4,
  settled: 3,
  begun: 3,
  stored: 2,
  ended: 3,
};
/** Longest time in ms between the moment and the kill. */
const LATE = { asked: 60, sent: 60, begun: 250 };
const LATE_ELSE = 30;

/**
 * The moments at which a trial's browser is killed, `[{kind, order, late, ms, share, times}]`, in the order in which they
 * can come. After a kill, a moment that belongs to an earlier step than the fetch has reached by then comes at once.
 */
export function chooseKills(choices) {
  const count = Number(choices.weighted(COUNTS));
  const kills = Array.from({ length: count }, (_, n) => chooseKill(choices.of(n)));
  return kills.sort((a, b) => a.order - b.order);
}

function chooseKill(choices) {
  const kind = choices.weighted(WEIGHTS);
  const { order, choose } = KINDS[kind];
  return { kind, order, late: choices.between(0, LATE[kind] ?? LATE_ELSE), ...choose?.(choices) };
}

/** Whether a moment is there, as far as one life of the browser shows; `time` is not asked. */
export function isReached({ kind, order, share, times }, life) {
  const step = STEPS.indexOf(life.step);
  if (step >= order) return true;
  if (kind === 'bytes') return life.sent >= share * life.missing;
  if (kind === 'shown') return life.reports('shown').length >= times;
  return false;
}
