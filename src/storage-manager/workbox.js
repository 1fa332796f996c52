/** Entry point `background-fetch-polyfill/storage-manager/workbox`: the same answers, for routes and strategies of Workbox. */
import { serve } from './serve.js';
import { StoredFiles } from './stored-files.js';

/** @type {StoredFiles | undefined} */
let stored;

/**
 * The answer to a GET or HEAD request for a stored file; undefined for any other request.
 *
 * @param {Request | string} given
 * @returns {Promise<Response | undefined>}
 */
export async function storedResponse(given) {
  const request = new Request(given);
  if (!['GET', 'HEAD'].includes(request.method)) return undefined;
  stored ??= new StoredFiles(self.registration.scope);
  const file = await stored.file(request.url.split('#', 1)[0]);
  return file && serve(request, file, stored);
}

/**
 * A handler for `registerRoute()`: stored files, and the network for others.
 *
 * @param {{ request: Request }} options
 */
export async function storedFileHandler({ request }) {
  return (await storedResponse(request)) ?? fetch(request);
}

/**
 * A plugin for strategies that look into a cache: a stored file counts as cached, and its ranges are answered. It is not put into the
 * cache as well.
 */
export class StoredFilesPlugin {
  /** @param {{ request: Request, cachedResponse?: Response }} options */
  cachedResponseWillBeUsed = async ({ request, cachedResponse }) =>
    (await storedResponse(request)) ?? cachedResponse;
}
