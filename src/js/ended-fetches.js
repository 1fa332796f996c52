import {
  ENDED,
  FETCHES,
  PROBES,
  PROGRESS,
  REQUESTS,
  resultOf,
  transact,
  within,
} from './existing-database.js';
import { rowsOf } from './stored-state.js';

/**
 * What stays of a background fetch that has ended, where there is a shelf (src/shelf) that shows it until it is dismissed. The
 * engine deletes its rows.
 *
 * Store `ended`, since version 5: uid -> `{ fetch, progress }`, its last rows of those stores; [uid] -> the rows of its
 * requests, where it can be begun again.
 */

/** The key in `probes` of the time when there was a shelf. */
const SHELF_AT = 'shelfAt';
/** The channel of src/web/bus.rs. Engines do not know this kind of news. */
export const CHANNEL = 'background-fetch-polyfill';
const NEWS = 'looks';

const DAY_MS = 86_400_000;
/** So long after the last shelf nothing is kept any more. */
const LONGEST_MS = 30 * DAY_MS;
const MOST = 1000;

/** Requests have arrays as keys, which come behind every uid. */
export const UIDS = globalThis.IDBKeyRange?.bound('', [], false, true);

/**
 * Tells the workers that there is a shelf, once a day.
 */
export async function noteShelf() {
  const isKnown = await transact([PROBES], 'readonly', async (transaction) => hadShelf(transaction, DAY_MS));
  if (isKnown !== false) return;
  await transact([PROBES, PROGRESS], 'readwrite', async (transaction) => {
    transaction.objectStore(PROBES).put(Date.now(), SHELF_AT);
  });
}

/**
 * @param {IDBTransaction} transaction
 * @param {number} ms
 */
async function hadShelf(transaction, ms) {
  const at = await resultOf(transaction.objectStore(PROBES).get(SHELF_AT));
  return at > Date.now() - ms;
}

/**
 * The event of a fetch was handled, and its rows are still there: they are kept where there was a shelf.
 *
 * @param {string} uid
 */
export async function keepEnded(uid) {
  await within(async () => {
    const isShown = await transact([PROBES], 'readonly', (transaction) => hadShelf(transaction, LONGEST_MS));
    if (isShown) await transact([FETCHES, PROGRESS, REQUESTS, ENDED], 'readwrite', (all) => keep(all, uid));
  });
}

/**
 * @param {IDBTransaction} transaction
 * @param {string} uid
 */
async function keep(transaction, uid) {
  const ended = transaction.objectStore(ENDED);
  const [rows, uids] = await Promise.all([rowsOf(transaction, uid), resultOf(ended.getAllKeys(UIDS))]);
  // What somebody has cancelled is to be seen no more.
  if (!rows || rows.fetch.failureReason === 'aborted' || uids.includes(uid)) return;
  ended.put(rows, uid);
  if (rows.fetch.failureReason && rows.fetch.uploadTotal === 0) {
    const requests = IDBKeyRange.bound([uid], [uid, []]);
    ended.put(await resultOf(transaction.objectStore(REQUESTS).getAll(requests)), [uid]);
  }
  // They begin with a time.
  for (const old of uids.slice(0, Math.max(0, uids.length + 1 - MOST))) forget(transaction, String(old));
}

/**
 * @param {IDBTransaction} transaction
 * @param {string} uid
 */
function forget(transaction, uid) {
  for (const key of [uid, [uid]]) transaction.objectStore(ENDED).delete(key);
}

/**
 * Of one that the engine still has, a row without anything says that it is not to be kept again.
 *
 * @param {string[]} uids
 */
export async function forgetEnded(uids) {
  await transact([FETCHES, ENDED, PROGRESS], 'readwrite', async (transaction) => {
    const fetches = await resultOf(transaction.objectStore(FETCHES).getAllKeys());
    for (const uid of uids) {
      forget(transaction, uid);
      if (fetches.includes(uid)) transaction.objectStore(ENDED).put({}, uid);
    }
  });
}

/**
 * Changes what the shelf shows of a fetch whose event is being handled.
 *
 * @param {string} uid
 * @param {{ title?: string, icons?: BackgroundFetchImageResource[] }} ui
 */
export async function changeUI(uid, ui) {
  await within(() =>
    transact([FETCHES, PROGRESS], 'readwrite', async (transaction) => {
      const store = transaction.objectStore(FETCHES);
      const fetch = await resultOf(store.get(uid));
      if (fetch) store.put({ ...fetch, options: { ...fetch.options, ...ui } }, uid);
    }),
  );
  tellShelves([uid]);
}

/** @param {string[]} uids */
export function tellShelves(uids) {
  const channel = new BroadcastChannel(CHANNEL);
  for (const uid of uids) channel.postMessage({ kind: NEWS, uid });
  channel.close();
}
