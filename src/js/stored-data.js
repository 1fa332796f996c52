/**
 * What page and worker can find out about the engine's database (src/web/database.rs makes it) without the engine: most of
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
const PATIENCE_MS = 5000;

/** Whether there may be fetches; true also where the database fails, which the engine reports. */
export async function hasFetches() {
  try {
    return await within(PATIENCE_MS, async () => {
      const count = await transact([FETCHES], 'readonly', (transaction) =>
        resultOf(transaction.objectStore(FETCHES).count()),
      );
      return count > 0;
    });
  } catch {
    return true;
  }
}

/** The bytes of the engine with this name; undefined where they are not stored, or cannot be read. */
export async function storedEngine(name) {
  try {
    return await within(PATIENCE_MS, () =>
      transact([ENGINES], 'readonly', (transaction) => resultOf(transaction.objectStore(ENGINES).get(name))),
    ).then((row) => row?.bytes);
  } catch {
    return undefined;
  }
}

/** Whether there is a database, and the engine with this name is not in it. */
export async function lacksEngine(name) {
  const count = await transact([ENGINES], 'readonly', (transaction) =>
    resultOf(transaction.objectStore(ENGINES).count(name)),
  );
  return count === 0;
}

export async function storeEngine(name, bytes) {
  await transact([ENGINES, PROGRESS], 'readwrite', async (transaction) => {
    const store = transaction.objectStore(ENGINES);
    store.put({ bytes, storedAt: Date.now() }, name);
    const names = await resultOf(store.getAllKeys());
    if (names.length <= ENGINES_KEPT) return;
    const rows = await resultOf(store.getAll());
    const ages = names.map((other, index) => [other, rows[index]?.storedAt ?? 0]);
    ages.sort(([, one], [, other]) => other - one);
    for (const [old] of ages.slice(ENGINES_KEPT)) store.delete(old);
  });
}

/** What `work` gives, once the transaction is complete; undefined where there is no database. */
async function transact(stores, mode, work) {
  const database = await openExisting();
  if (!database) return undefined;
  try {
    const transaction = database.transaction(stores, mode);
    const complete = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    const [result] = await Promise.all([work(transaction), complete]);
    return result;
  } finally {
    database.close();
  }
}

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
      request.transaction.abort();
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => (isNew ? resolve(undefined) : reject(request.error));
  });
}

function resultOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function within(ms, work) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DOMException('', 'TimeoutError')), ms);
    work()
      .finally(() => clearTimeout(timer))
      .then(resolve, reject);
  });
}
