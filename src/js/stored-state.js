import { decodeId } from './conversions.js';
import { FETCHES, PROGRESS, resultOf, transact } from './existing-database.js';

/**
 * What a registration shows, out of the rows of its fetch and its progress: `BackgroundFetch::state()` in
 * src/model/background_fetch.rs.
 *
 * @param {{ fetch: any, progress: any }} rows
 * @returns {Polyfill.State}
 */
export function toState({ fetch, progress }) {
  const { stage, failureReason, isPaused, uploadTotal = 0, options } = fetch;
  // Its runner has not heard of it yet.
  const isAborted = stage === 'running' && !fetch.active;
  const isSettled = stage !== 'running' || isAborted;
  return {
    id: decodeId(fetch.id),
    uploadTotal,
    uploaded: Math.min(progress?.uploaded ?? 0, uploadTotal),
    downloadTotal: options?.downloadTotal ?? 0,
    downloaded: progress?.downloaded ?? 0,
    result: !isSettled ? '' : failureReason || isAborted ? 'failure' : 'success',
    failureReason: isAborted ? 'aborted' : (failureReason ?? ''),
    recordsAvailable: stage !== 'delivered',
    isPaused: isPaused === true,
    isWaiting: progress?.isWaiting === true && !isPaused && !isSettled,
  };
}

/**
 * The rows of a fetch; undefined where it is gone.
 *
 * @param {string} uid
 */
export async function readRows(uid) {
  return transact([FETCHES, PROGRESS], 'readonly', (transaction) => rowsOf(transaction, uid));
}

/**
 * The same within a transaction.
 *
 * @param {IDBTransaction} transaction
 * @param {string} uid
 * @returns {Promise<{ fetch: any, progress: any } | undefined>}
 */
export async function rowsOf(transaction, uid) {
  const row = (/** @type {string} */ name) => resultOf(transaction.objectStore(name).get(uid));
  const [fetch, progress] = await Promise.all([row(FETCHES), row(PROGRESS)]);
  return fetch && { fetch, progress };
}
