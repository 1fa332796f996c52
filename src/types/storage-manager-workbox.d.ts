/** The storage manager's answers, for routes and strategies of Workbox (https://developer.chrome.com/docs/workbox). */

/** The answer to a GET or HEAD request for a stored file; undefined for any other request. */
export function storedResponse(request: Request | string): Promise<Response | undefined>;

/** A handler for `registerRoute()` of workbox-routing: stored files, and the network for others. */
export function storedFileHandler(options: { request: Request }): Promise<Response>;

/** A plugin for strategies that look into a cache, such as CacheFirst: a stored file counts as cached, and its ranges are answered. */
export class StoredFilesPlugin {
  cachedResponseWillBeUsed: (options: {
    request: Request;
    cachedResponse?: Response;
  }) => Promise<Response | undefined>;
}
