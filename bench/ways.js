/**
 * The ways in which files get into the browser, as a page does them. Each gives the time in ms. What `clear()` does is not
 * counted.
 */
(() => {
  const CACHE = 'bench';
  const DATABASE = 'bench';

  /** Calls `work(item)` for each, `most` at a time. */
  async function each(items, most, work) {
    const rest = items.values();
    const next = async () => {
      for (const item of rest) await work(item);
    };
    await Promise.all(Array.from({ length: most }, next));
  }

  async function timed(work) {
    const begin = performance.now();
    await work();
    return performance.now() - begin;
  }

  function openDatabase() {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(DATABASE);
      request.onupgradeneeded = () => {
        request.result.createObjectStore('chunks');
        request.result.createObjectStore('progress');
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  /** A transaction that stores rows, and counts them. */
  function store(database, rows) {
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(['chunks', 'progress'], 'readwrite');
      for (const [key, value] of rows) transaction.objectStore('chunks').put(value, key);
      transaction.objectStore('progress').put(rows.length, 'last');
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
  }

  /** What a developer writes. */
  const put = ([url]) =>
    timed(async () => {
      const cache = await caches.open(CACHE);
      await cache.put(url, await fetch(url));
    });

  const putEach = (urls, { most = 6 } = {}) =>
    timed(async () => {
      const cache = await caches.open(CACHE);
      await each(urls, most, async (url) => cache.put(url, await fetch(url)));
    });

  /** The parts of a file, as many at a time as `most` says, in a transaction each. */
  const parts = ([url], { length, most, as }) =>
    timed(async () => {
      const database = await openDatabase();
      const fetchPart = async (start) => {
        const response = await fetch(url, { headers: { Range: `bytes=${start}-${start + length - 1}` } });
        if (response.status !== 206) throw new Error(`${response.status}`);
        const value = as === 'blob' ? await response.blob() : await response.arrayBuffer();
        await store(database, [[[url, start], value]]);
        return Number(response.headers.get('Content-Range').split('/')[1]);
      };
      const total = await fetchPart(0);
      const starts = Array.from(
        { length: Math.ceil(total / length) - 1 },
        (_, index) => (index + 1) * length,
      );
      await each(starts, most, fetchPart);
      database.close();
    });

  /** Small files: what gathers while a transaction is on its way goes into the next; `wait`: for so many ms more. */
  const gather = (urls, { most = 6, wait = 0 } = {}) =>
    timed(async () => {
      const database = await openDatabase();
      let rows = [];
      let storing = null;
      const storeAll = async () => {
        while (rows.length > 0) {
          if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
          const now = rows;
          rows = [];
          await store(database, now);
        }
        storing = null;
      };
      await each(urls, most, async (url) => {
        const response = await fetch(url);
        rows.push([[url, 0], await response.arrayBuffer()]);
        storing ??= storeAll();
      });
      await storing;
      database.close();
    });

  /** Chunks of the database into the cache; as pieces where a page ends when a Blob of the database is collected. */
  const putStored = async ([url], { length, as }) => {
    await parts([url], { length, most: 3, as: 'blob' });
    const database = await openDatabase();
    const store = database.transaction('chunks').objectStore('chunks');
    const chunks = await resultOf(store.getAll());
    const time = await timed(async () => {
      const cache = await caches.open(CACHE);
      await cache.put(url, new Response(as === 'pieces' ? piecesOf(chunks) : new Blob(chunks)));
    });
    database.close();
    return time;
  };

  function resultOf(request) {
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  function piecesOf(chunks) {
    const rest = chunks.values();
    return new ReadableStream({
      async pull(controller) {
        const { done, value } = rest.next();
        if (done) controller.close();
        else controller.enqueue(new Uint8Array(await value.arrayBuffer()));
      },
    });
  }

  /** The time of the handler that stores a copy. */
  const handler = (urls) => backgroundFetch(urls, { copied: true }).then(() => handlerTime);

  let count = 0;
  let handlerTime = 0;
  /**
   * The API: until `success`, or until the handler has stored a copy.
   *
   * @param {string[]} urls
   * @param {{ copied?: boolean, integrity?: string }} [options]
   */
  const backgroundFetch = (urls, { copied = false, integrity } = {}) =>
    timed(async () => {
      const manager = (await navigator.serviceWorker.ready).backgroundFetch;
      count += 1;
      const requests = integrity ? urls.map((url) => new Request(url, { integrity })) : urls;
      const registration = await manager.fetch(`${copied ? 'copy' : 'keep'}-${count}`, requests);
      await new Promise((resolve, reject) => {
        const look = () => {
          const { result, failureReason, recordsAvailable } = registration;
          if (result === 'failure') reject(new Error(failureReason));
          else if (result === 'success' && !(copied && recordsAvailable)) resolve();
        };
        registration.addEventListener('progress', look);
        if (copied) {
          navigator.serviceWorker.addEventListener('message', ({ data: { id, ms } }) => {
            if (id !== registration.id) return;
            handlerTime = ms;
            resolve();
          });
        }
        look();
      });
    });

  function deleteDatabase(name) {
    return new Promise((resolve) => {
      const request = indexedDB.deleteDatabase(name);
      request.onsuccess = request.onerror = request.onblocked = resolve;
    });
  }

  /** Leaves nothing behind for the next way. */
  async function clear() {
    for (const name of await caches.keys()) await caches.delete(name);
    await deleteDatabase(DATABASE);
    const { backgroundFetch: manager } = await navigator.serviceWorker.ready;
    if (!manager) return;
    while ((await manager.getIds()).length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  self.ways = { put, putEach, parts, gather, putStored, backgroundFetch, handler };
  self.clear = clear;
})();
