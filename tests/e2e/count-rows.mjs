/** The rows that the polyfill's database holds of fetches. Runs in pages: as text within their scripts, or evaluated there. */
export async function countRows() {
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open('background-fetch');
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const names = [...database.objectStoreNames].filter(
    (name) => !['engines', 'ended', 'probes', 'kept', 'sets', 'files'].includes(name),
  );
  const transaction = database.transaction(names);
  const count = (name) =>
    new Promise((resolve) => {
      transaction.objectStore(name).count().onsuccess = ({ target }) => resolve(target.result);
    });
  const counts = await Promise.all(names.map(count));
  database.close();
  return counts.reduce((sum, rows) => sum + rows, 0);
}

/** Whether there are none. */
export const hasNoRows = new Function(`return (${countRows})().then((rows) => rows === 0)`);
