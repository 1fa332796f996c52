/**
 * What page and worker can find out about the engine's database (src/web/database.js makes it) without the engine: most of
 * them have no background fetch, and start none. None of these functions creates a database.
 */
const NAME = 'background-fetch';
const FETCHES = 'fetches';
const ENGINES = 'engines';
/** Every transaction that writes has it, so that the browser runs one after another. */
const PROGRESS = 'progress';

/** Page and worker may be of different builds. */
const ENGINES_KEPT = 3;

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
 * Whether there may be fetches; true also where the database fails, which the engine reports, but false where the look was
 * given up.
 */
export async function hasFetches() {
  try {
    return await within(LONGEST_WAIT_MS, async () => {
      const count = await transact([FETCHES], 'readonly', (transaction) =>
        resultOf(transaction.objectStore(FETCHES).count()),
      );
      return count !== undefined && count > 0;
    });
  } catch (error) {
    return error?.name !== 'AbortError';
  }
}

/**
 * The bytes of the engine with this name; undefined where they are not stored, or cannot be read.
 *
 * @param {string} name
 */
export async function storedEngine(name) {
  try {
    return await within(LONGEST_WAIT_MS, () =>
      transact([ENGINES], 'readonly', (transaction) => resultOf(transaction.objectStore(ENGINES).get(name))),
    ).then((row) => row?.bytes);
  } catch {
    return undefined;
  }
}

/**
 * Whether the engine with this name is not in the database; undefined where there is none.
 *
 * @param {string} name
 */
export async function isEngineMissing(name) {
  return within(LONGEST_WAIT_MS, async () => {
    const count = await transact([ENGINES], 'readonly', (transaction) =>
      resultOf(transaction.objectStore(ENGINES).count(name)),
    );
    return count === undefined ? undefined : count === 0;
  });
}

/**
 * @param {string} name
 * @param {ArrayBuffer} bytes
 */
export async function storeEngine(name, bytes) {
  await transact([ENGINES, PROGRESS], 'readwrite', async (transaction) => {
    const store = transaction.objectStore(ENGINES);
    store.put({ bytes, storedAt: Date.now() }, name);
    const names = await resultOf(store.getAllKeys());
    if (names.length <= ENGINES_KEPT) return;
    const rows = await resultOf(store.getAll());
    const others = names.map((other, index) => [other, rows[index]?.storedAt ?? 0]);
    others.sort(([, one], [, other]) => other - one);
    const old = others.filter(([other]) => other !== name).slice(ENGINES_KEPT - 1);
    for (const [other] of old) store.delete(other);
  });
}

/**
 * What `work` gives, once the transaction is complete; undefined where there is no database.
 *
 * @template T
 * @param {string[]} stores
 * @param {IDBTransactionMode} mode
 * @param {(transaction: IDBTransaction) => Promise<T>} work
 */
async function transact(stores, mode, work) {
  const database = await openExisting();
  if (!database) return undefined;
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
function resultOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * @template T
 * @param {number} ms
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
function within(ms, work) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DOMException('', 'TimeoutError')), ms);
    work()
      .finally(() => clearTimeout(timer))
      .then(resolve, reject);
  });
}
