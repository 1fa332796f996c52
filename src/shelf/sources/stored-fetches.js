import { UIDS } from '../../js/ended-fetches.js';
import {
  ENDED,
  FETCHES,
  PROGRESS,
  RECORDS,
  REQUESTS,
  resultOf,
  transact,
} from '../../js/existing-database.js';
import { toState } from '../../js/stored-state.js';

/** Keys of the requests of what has failed. */
const RETRIES = globalThis.IDBKeyRange?.lowerBound([]);

/**
 * All fetches that there are, and those that have ended and were not dismissed; or those whose uids are in a range.
 *
 * @param {IDBKeyRange} [range]
 */
export async function readFetches(range) {
  const found = await transact([FETCHES, PROGRESS, ENDED], 'readonly', async (transaction) => {
    const all = (/** @type {string} */ name, among = range) =>
      resultOf(transaction.objectStore(name).getAll(among));
    const keys = (/** @type {string} */ name, among = range) =>
      resultOf(transaction.objectStore(name).getAllKeys(among));
    const [ended, endedUids, retries, fetches, uids, progress] = await Promise.all([
      all(ENDED, range ?? UIDS),
      keys(ENDED, range ?? UIDS),
      keys(ENDED, RETRIES),
      all(FETCHES),
      keys(PROGRESS),
      all(PROGRESS),
    ]);
    const canRetry = new Set(retries.flat());
    const isEnded = new Set(endedUids);
    const progressOf = new Map(uids.map((uid, at) => [uid, progress[at]]));
    return [
      ...ended.map((row) => toEntry(row, canRetry.has(row?.fetch?.uid))),
      ...fetches
        .filter((fetch) => !isEnded.has(fetch?.uid))
        .map((fetch) => toEntry({ fetch, progress: progressOf.get(fetch?.uid) })),
    ];
  });
  return (found ?? []).filter((entry) => entry !== undefined);
}

/**
 * The requests of a fetch that has failed, as they were given.
 *
 * @param {string} uid
 */
export async function readRequests(uid) {
  const rows = await transact([ENDED], 'readonly', (transaction) =>
    resultOf(transaction.objectStore(ENDED).get([uid])),
  );
  return /** @type {any[]} */ (rows ?? []).map(toRequest);
}

/**
 * So many files of a fetch, and what there is of them; no others are read.
 *
 * @param {string} uid
 * @param {number} from
 * @param {number} count
 * @returns {Promise<import('../file-list.js').File[]>}
 */
export async function readFiles(uid, from, count) {
  const range = IDBKeyRange.bound([uid, from], [uid, from + count], false, true);
  const found = await transact([REQUESTS, RECORDS], 'readonly', async (transaction) => {
    const [requests, keys, records] = await Promise.all([
      resultOf(transaction.objectStore(REQUESTS).getAll(range)),
      resultOf(transaction.objectStore(RECORDS).getAllKeys(range)),
      resultOf(transaction.objectStore(RECORDS).getAll(range)),
    ]);
    const recordOf = new Map(keys.map((key, at) => [/** @type {any} */ (key)[1], records[at]]));
    return requests.map(({ url }, at) => toFile(url, recordOf.get(from + at)));
  });
  return found ?? [];
}

/**
 * @param {string} url
 * @param {any} record
 */
function toFile(url, { length = 0, ahead = [], total, result } = /** @type {any} */ ({})) {
  const received = ahead.reduce(
    (/** @type {number} */ sum, /** @type {any} */ { start, end }) => sum + end - start,
    length,
  );
  return {
    url,
    received,
    total: total ?? undefined,
    isDone: result === 'success',
    hasFailed: Boolean(result),
  };
}

/**
 * The row has the names of RequestInit.
 *
 * @param {any} row
 */
function toRequest(row) {
  // No script can build one for a navigation.
  return new Request(row.url, { ...row, mode: row.mode === 'navigate' ? 'same-origin' : row.mode });
}

/**
 * Undefined for a row that this version of the package cannot read.
 *
 * @param {{ fetch: any, progress: any }} row of `ended`, or of the fetch and its progress
 * @param {boolean} [canRetry] given for what has ended
 * @returns {import('../entry.js').Entry | undefined}
 */
function toEntry({ fetch, progress }, canRetry) {
  if ([fetch?.uid, fetch?.scope, fetch?.id].some((each) => typeof each !== 'string')) return undefined;
  const { uid, scope, options, created = 0, stage } = fetch;
  const state = toState({ fetch, progress });
  // What somebody has cancelled is gone when the worker has heard of it.
  if (state.failureReason === 'aborted' && stage === 'delivered') return undefined;
  return {
    ...state,
    key: uid,
    scope,
    title: options?.title || state.id,
    icons: options?.icons ?? [],
    created,
    isDelivered: canRetry !== undefined || stage === 'delivered',
    isKept: canRetry !== undefined,
    canOpen: true,
    // What is uploaded goes on all the same.
    canPause: !fetch.hasUploads,
    canRetry: canRetry === true,
    fileCount: canRetry === undefined ? (fetch.requestCount ?? 0) : 0,
  };
}
