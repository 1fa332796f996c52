import { formatSize } from '../shelf/format.js';

/** @typedef {import('./set-state.js').Texts} Texts */

/** Of the sets that would have to go, so many are named. */
const MOST_NAMED = 3;

/** @type {Record<number, keyof Texts['problems']>} */
const PROBLEMS = { 0: 'noWorker', 404: 'notOffered', 409: 'cannotPause', 502: 'unreachable' };

/**
 * What went wrong, in a sentence.
 *
 * @param {any} error a StorageManagerError, mostly
 * @param {(id: string) => string} titleOf
 * @param {Texts} texts
 */
export function problemText(error, titleOf, texts) {
  const { status, missing, wouldHaveToGo = [] } = error ?? {};
  if (status !== 507 || missing === undefined) return texts.problems[PROBLEMS[status] ?? 'impossible'];
  return texts.noRoom(formatSize(texts.language, missing), joined(wouldHaveToGo.map(titleOf), texts));
}

/**
 * @param {string[]} titles
 * @param {Texts} texts
 */
function joined(titles, texts) {
  const named = titles.slice(0, MOST_NAMED).map((title) => texts.quoted(title));
  const others = titles.length - named.length;
  if (others > 0) named.push(texts.others(others));
  return new Intl.ListFormat(texts.language).format(named);
}
