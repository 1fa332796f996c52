import { attachment } from './attachment.js';
import { answerRequest } from './endpoint.js';
import { ManifestSource } from './manifest-source.js';
import { ATTACHMENT, CHANNEL, ENDPOINT } from './names.js';
import { isPassedOn, passOn } from './pass-on.js';
import { serve } from './serve.js';
import { StoredFiles } from './stored-files.js';
import { StoredSets, setOf } from './stored-sets.js';
import { StoredUrls } from './stored-urls.js';

/**
 * Stores the sets of a manifest, answers for their files, and takes the page's orders at an endpoint. To be called while the
 * worker's script is first evaluated, after the polyfill's and before the app's own `fetch` listeners.
 *
 * @param {import('../types/storage-manager-worker.js').StorageManagerOptions} options
 */
export function storageManager({ manifest, endpoint = ENDPOINT, budget = {} }) {
  const here = self.registration.scope;
  const endpointUrl = new URL(endpoint, here).href;
  const stored = new StoredFiles(here);
  const urls = new StoredUrls(stored);
  const source = new ManifestSource(new URL(manifest, here).href, stored);
  const sets = new StoredSets(source, stored, budget, async () => {
    await urls.load();
    const channel = new BroadcastChannel(CHANNEL);
    channel.postMessage(endpointUrl);
    channel.close();
  });

  addEventListener('fetch', (event) => {
    if (isPassedOn(event)) return;
    const { request } = event;
    const [url] = request.url.split('#', 1);
    if (url === endpointUrl) {
      respond(event, answerRequest(event, sets));
      return;
    }
    if (url.split('?', 1)[0] === endpointUrl + ATTACHMENT) {
      respond(event, attachment(request, stored));
      return;
    }
    const isOfFile = ['GET', 'HEAD'].includes(request.method) && url.startsWith(`${self.origin}/`);
    if (isOfFile && urls.has(url) !== false) respond(event, answer(event, url));
  });

  /**
   * @param {FetchEvent} event
   * @param {string} url
   */
  const answer = async (event, url) => {
    const isFirst = urls.has(url) === undefined;
    const file = await stored.file(url).catch(() => undefined);
    if (isFirst) event.waitUntil(urls.load().catch(() => {}));
    if (!file) return passOn(event);
    event.waitUntil(sets.noteUse(file).catch(() => {}));
    return serve(event.request, file, stored);
  };

  /** @type {(type: string, handle: (id: string, registration: BackgroundFetchRegistration) => Promise<void>) => void} */
  const listen = (type, handle) =>
    addEventListener(type, (/** @type {any} */ event) => {
      const id = setOf(event.registration);
      if (id === undefined) return;
      // The app's own handlers know nothing of it.
      event.stopImmediatePropagation();
      event.waitUntil(handle(id, event.registration));
    });
  listen('backgroundfetchsuccess', (id, registration) => sets.keep(id, registration));
  listen('backgroundfetchfail', (id, registration) => sets.noteFailure(id, registration));
  listen('backgroundfetchabort', () => sets.noteEnd());
}

/**
 * @param {FetchEvent} event
 * @param {Promise<Response>} response
 */
function respond(event, response) {
  event.respondWith(response);
  event.stopImmediatePropagation();
}
