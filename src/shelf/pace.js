/**
 * How fast bytes come, and when the rest of them will be there: steady figures out of news that come unevenly. Times are
 * milliseconds of a clock that only goes forward.
 */

/** The weight of what came falls to a third in so long. */
const MEMORY_MS = 12_000;
/** Less time tells nothing. */
const LEAST_MS = 1500;
/** The end that is told differs from the estimate by this share of what is left at most, or by so much. */
const TOLERANCE = 0.25;
const LEAST_CHANGE_MS = 2000;

/**
 * @typedef {object} Pace
 * @property {number} at when the last news came
 * @property {number} downloaded bytes by then
 * @property {number} time of what is remembered, weighted
 * @property {number} bytes of what is remembered, weighted
 * @property {number} elapsed since the first news
 * @property {number | undefined} endsAt
 */

/**
 * The pace of a background fetch that begins, goes on after a pause, or is seen for the first time.
 *
 * @param {number} at
 * @param {number} downloaded
 * @returns {Pace}
 */
export function firstPace(at, downloaded) {
  return { at, downloaded, time: 0, bytes: 0, elapsed: 0, endsAt: undefined };
}

/**
 * The pace after more news, or after a time without any. A file that begins anew takes bytes away, which is no speed.
 *
 * @param {Pace} pace
 * @param {number} at
 * @param {number} downloaded
 * @param {number} total 0 where it is not known
 * @returns {Pace}
 */
export function nextPace(pace, at, downloaded, total) {
  const passed = at - pace.at;
  if (passed <= 0) return { ...pace, downloaded };
  const kept = Math.exp(-passed / MEMORY_MS);
  const share = (MEMORY_MS * (1 - kept)) / passed;
  const next = {
    at,
    downloaded,
    time: pace.time * kept + passed * share,
    bytes: pace.bytes * kept + Math.max(0, downloaded - pace.downloaded) * share,
    elapsed: pace.elapsed + passed,
  };
  return { ...next, endsAt: endOf(next, total, pace.endsAt) };
}

/**
 * Bytes per second; undefined before that can be told.
 *
 * @param {Pace} pace
 * @returns {number | undefined}
 */
export function speedOf({ bytes, time, elapsed }) {
  return elapsed < LEAST_MS ? undefined : (1000 * bytes) / time;
}

/**
 * Milliseconds; undefined where nobody can tell: nothing comes, or the total is not known.
 *
 * @param {Pace} pace
 * @param {number} now
 * @returns {number | undefined}
 */
export function timeLeftOf({ endsAt }, now) {
  return endsAt === undefined ? undefined : Math.max(0, endsAt - now);
}

/**
 * @param {Omit<Pace, 'endsAt'>} pace
 * @param {number} total
 * @param {number | undefined} told
 */
function endOf(pace, total, told) {
  const speed = speedOf({ ...pace, endsAt: told });
  if (!speed || speed < 1 || total <= 0) return undefined;
  const left = (1000 * Math.max(0, total - pace.downloaded)) / speed;
  const estimate = pace.at + left;
  if (told === undefined) return estimate;
  // No further than needed: an estimate that swings does not take what is told with it.
  const most = Math.max(LEAST_CHANGE_MS, TOLERANCE * left);
  return Math.min(Math.max(told, estimate - most), estimate + most);
}
