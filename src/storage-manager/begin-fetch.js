import { CHANNEL } from './names.js';

/**
 * A background fetch that is to begin: what `BackgroundFetchManager.fetch()` takes.
 *
 * @typedef {object} Beginning
 * @property {string} id
 * @property {{ url: string, integrity?: string }[]} requests
 * @property {BackgroundFetchOptions} options
 */

/** A page without the client never answers. */
const LONGEST_WAIT_MS = 5000;

/**
 * @param {ServiceWorkerRegistration} registration
 * @param {Beginning} beginning
 */
export function beginFetch(registration, { id, requests, options }) {
  const made = requests.map(({ url, integrity }) => new Request(url, integrity ? { integrity } : {}));
  return registration.backgroundFetch.fetch(id, made, options);
}

/**
 * The same in a page, for a worker that may not: Chromium's own API begins nothing there. Rejects as the page is rejected, and with
 * NotAllowedError where no page does it.
 *
 * @param {string} clientId of the page that is asked; of any, where it is gone
 * @param {Beginning} beginning
 * @returns {Promise<void>}
 */
export async function beginInPage(clientId, beginning) {
  /** @type {any[]} */
  const pages = await self.clients.matchAll({ type: 'window' });
  const page = pages.find(({ id }) => id === clientId) ?? pages[0];
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise((resolve, reject) => {
    port1.onmessage = ({ data }) => {
      if (data.error) reject(new DOMException(data.error.message, data.error.name));
      else resolve(undefined);
    };
    const detail = 'only a page can begin a background fetch here, and none has a StorageManager';
    setTimeout(() => reject(new DOMException(detail, 'NotAllowedError')), LONGEST_WAIT_MS);
  });
  page?.postMessage({ type: CHANNEL, beginning }, [port2]);
  return answer.finally(() => port1.close());
}

/** A page does what the worker asks it for. */
export function answerWorker() {
  const { serviceWorker } = navigator;
  serviceWorker.addEventListener('message', async (event) => {
    const { data, ports } = event;
    const [port] = ports;
    if (data?.type !== CHANNEL || !port) return;
    // Another client of the page would begin the same once more, and be refused.
    event.stopImmediatePropagation();
    try {
      await beginFetch(await serviceWorker.ready, data.beginning);
      port.postMessage({});
    } catch ({ name, message }) {
      port.postMessage({ error: { name, message } });
    }
  });
  serviceWorker.startMessages();
}
