/** The site's own files, kept so that it opens without its server. */

const SHELL = 'shell';
const FILES = [
  '/',
  '/main.js',
  '/style.css',
  '/series.html',
  '/assets/series.json',
  '/assets/icon-192.png',
  '/assets/icon-512.png',
];

export const isShellFile = (pathname) => FILES.includes(pathname);

export async function keepShell() {
  const cache = await caches.open(SHELL);
  await cache.addAll(FILES.map((file) => new Request(file, { cache: 'reload' })));
}

/**
 * From the server while it answers, else from the cache.
 * @param {Request} request for one of the shell's files
 * @returns {Promise<Response>}
 */
export async function shellResponse(request) {
  const { pathname } = new URL(request.url);
  try {
    const response = await fetch(request);
    if (response.ok) {
      const cache = await caches.open(SHELL);
      // By path: '/?force' is the same page as '/'.
      await cache.put(pathname, response.clone());
    }
    return response;
  } catch (error) {
    const kept = await caches.match(pathname, { cacheName: SHELL });
    if (kept) return kept;
    throw error;
  }
}

/** The page's description of the set: from the server or from this device. */
export async function readSeries() {
  const response = await shellResponse(new Request('/assets/series.json'));
  return response.json();
}
