/**
 * What the stores hold of fetches that have no row of their own, and are not kept, as texts; null if this page cannot tell. True at any moment,
 * also while fetches run: all rows of a fetch come and go in one transaction. Evaluated in pages.
 */
export async function findOrphans(origin) {
  const NAMES = ['fetches', 'kept', 'progress', 'requests', 'records', 'chunks'];
  if (location.origin !== origin || !self.indexedDB) return null;
  // WebKit (2.50) keeps one of version 0 when the transaction that makes it is aborted.
  const isThere = (await indexedDB.databases()).some(({ name }) => name === 'background-fetch');
  if (!isThere) return [];
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open('background-fetch');
    // It was deleted meanwhile, and it is not for us to make one.
    request.onupgradeneeded = () => request.transaction.abort();
    request.onsuccess = () => resolve(request.result);
    request.onerror = (event) => {
      event.preventDefault();
      if (request.error?.name === 'AbortError') resolve(null);
      else reject(request.error);
    };
  });
  if (!database) return [];
  database.onversionchange = () => database.close();
  try {
    const transaction = database.transaction(NAMES);
    const keysOf = (name) =>
      new Promise((resolve, reject) => {
        const request = transaction.objectStore(name).getAllKeys();
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const [fetches, kept, ...others] = await Promise.all(NAMES.map(keysOf));
    const counts = new Map();
    for (const [index, keys] of others.entries()) {
      for (const key of keys) {
        const [uid] = [key].flat();
        const table = NAMES[index + 2];
        const name = `${table} of ${uid}`;
        const isKept = table === 'chunks' && kept.includes(uid);
        if (!fetches.includes(uid) && !isKept) counts.set(name, 1 + (counts.get(name) ?? 0));
      }
    }
    return [...counts].map(([name, count]) => `${name}: ${count}`);
  } finally {
    database.close();
  }
}
