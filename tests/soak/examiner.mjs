import { Download } from './download.mjs';
import { EXAMINER } from './soak-app.mjs';

const ROWS_MS = 60_000;
/** A window that has seen gigabytes may crash: a fresh one comes after so many events, and where one has. */
const EVENTS = 100;

/** A window that compares what the worker has stored with what the server has, one event after another, and clears it away. */
export class Examiner {
  /** Bytes of files that were right, and bytes that were sent of them beyond that. */
  bytes = 0;
  resent = 0;
  #server;
  #browser;
  #page;
  #events = 0;
  #last = Promise.resolve();

  constructor(server) {
    this.#server = server;
  }

  /** Opens the window, and registers the worker. */
  async open(browser) {
    this.#browser = browser;
    await this.#renew();
    await this.#page.evaluate(async () => {
      const { serviceWorker } = navigator;
      const registration = await serviceWorker.register('/app/service-worker.js', { scope: '/' });
      const worker = registration.installing ?? registration.waiting ?? registration.active;
      while (worker.state !== 'activated') {
        await new Promise((resolve) => worker.addEventListener('statechange', resolve, { once: true }));
      }
    });
  }

  async #renew() {
    await this.#page?.close().catch(() => {});
    this.#page = await this.#browser.newPage(this.#server.url(EXAMINER));
  }

  /** Runs in the window; once more in another one, if that fails. */
  async #ask(...call) {
    try {
      return await this.#page.evaluate(...call);
    } catch {
      await this.#renew();
      return this.#page.evaluate(...call);
    }
  }

  /** Takes an event's files into its queue. */
  examine(download, event) {
    const cache = Download.cacheOf(event);
    if (!cache) return;
    this.#last = this.#last
      .then(() => this.#examine(download, cache))
      .catch((error) => download.damage.push(`it could not be examined: ${error.message}`));
  }

  /** Resolves when the queue is empty. */
  done() {
    return this.#last;
  }

  async #examine(download, cache) {
    if ((this.#events += 1) % EVENTS === 0) await this.#renew();
    const paths = download.files.map(({ path }) => path);
    const hashes = await this.#ask(
      async (name, wanted) => {
        const found = [];
        for (const path of wanted) found.push((await window.app.hash(name, path)) ?? null);
        await caches.delete(name);
        return found;
      },
      cache,
      paths,
    );
    for (const [n, { path, size, upload }] of download.files.entries()) {
      if (hashes[n] === null) download.damage.push(`${path} is not in the cache`);
      else if (hashes[n] !== this.#server.sha256(path)) download.damage.push(`${path} in the cache`);
      else this.bytes += size;
      if (upload !== undefined) this.#examineUpload(download, path, upload);
    }
    if (download.ended.length > 1) return;
    this.resent += Math.max(
      0,
      paths.reduce((sum, path) => sum + this.#server.sent(path), -download.size),
    );
  }

  #examineUpload(download, path, length) {
    const requests = this.#server.requests(path).filter(({ method }) => method === 'POST');
    if (requests.length !== 1) download.damage.push(`${path} was sent ${requests.length} times`);
    if (requests.some(({ bodyLength }) => bodyLength !== length)) download.damage.push(`the body of ${path}`);
  }

  /** Waits until the database is empty. Gives the ids of the fetches in it when it stays otherwise, `null` if it is. */
  async leftInDatabase() {
    try {
      await this.#page.waitFor({ timeout: ROWS_MS }, async () => (await window.app.rows()) === 0);
      return null;
    } catch {
      return this.#ask(async () => {
        const request = indexedDB.open('background-fetch');
        await new Promise((resolve, reject) =>
          Object.assign(request, { onsuccess: resolve, onerror: reject }),
        );
        const fetches = request.result.transaction('fetches').objectStore('fetches').getAll();
        await new Promise((resolve, reject) =>
          Object.assign(fetches, { onsuccess: resolve, onerror: reject }),
        );
        request.result.close();
        return fetches.result.map(({ id, stage, isPaused }) => ({ id, stage, isPaused }));
      });
    }
  }
}
