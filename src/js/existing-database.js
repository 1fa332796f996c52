/**
 * The engine's database (src/web/database.js makes it), for those who only look whether something is there. None of these
 * functions creates it.
 */
const NAME = 'background-fetch';

/** Its stores, as far as anybody but the engine looks into them (src/engine/README.md). */
export const FETCHES = 'fetches';
/** Every transaction that writes has it, so that the browser runs one after another. */
export const PROGRESS = 'progress';
export const REQUESTS = 'requests';
export const RECORDS = 'records';
export const CHUNKS = 'chunks';
export const PROBES = 'probes';
export const ENGINES = 'engines';
export const ENDED = 'ended';
export const KEPT = 'kept';
export const SETS = 'sets';
export const FILES = 'files';

/** A database may never answer. */
const LONGEST_WAIT_MS = 5000;

/** @type {Set<{ database: IDBDatabase, transaction: IDBTransaction }>} */
const underWay = new Set();

/**
 * A page goes away: in the back/forward cache, a transaction of its own would hold up all others
 * (https://github.com/w3c/IndexedDB/issues/381).
 */
export function giveUpTransactions() {
  for (const { database, transaction } of underWay) {
    try {
      transaction.abort();
    } catch {
      // It is being committed: nothing of it is waited for any more.
    }
    database.close();
  }
  underWay.clear();
}

/**
 * What `work` gives, once the transaction is complete; undefined where there is no database, or one of an earlier version that
 * lacks a store.
 *
 * @template T
 * @param {string[]} stores
 * @param {IDBTransactionMode} mode
 * @param {(transaction: IDBTransaction) => Promise<T>} work
 */
export async function transact(stores, mode, work) {
  const database = await openExisting();
  if (!database) return undefined;
  if (!stores.every((name) => database.objectStoreNames.contains(name))) {
    database.close();
    return undefined;
  }
  database.onversionchange = () => database.close();
  /** @type {{ database: IDBDatabase, transaction: IDBTransaction } | undefined} */
  let entry;
  try {
    const transaction = database.transaction(stores, mode);
    entry = { database, transaction };
    underWay.add(entry);
    const complete = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error ?? new DOMException('', 'AbortError'));
    });
    const [result] = await Promise.all([work(transaction), complete]);
    return result;
  } finally {
    if (entry) underWay.delete(entry);
    database.close();
  }
}

/** @returns {Promise<IDBDatabase | undefined>} */
async function openExisting() {
  if (indexedDB.databases) {
    const databases = await indexedDB.databases();
    if (!databases.some(({ name }) => name === NAME)) return undefined;
  }
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME);
    let isNew = false;
    request.onupgradeneeded = () => {
      isNew = true;
      request.transaction?.abort();
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => (isNew ? resolve(undefined) : reject(request.error));
  });
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
export function resultOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * What `work` gives, unless that takes too long.
 *
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export function within(work) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DOMException('', 'TimeoutError')), LONGEST_WAIT_MS);
    work()
      .finally(() => clearTimeout(timer))
      .then(resolve, reject);
  });
}
