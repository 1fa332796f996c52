/** An app with a library: its worker has the storage manager, and answers a route of its own. */

const WORKER = `
importScripts('/pkg/storage-manager-worker.js');
backgroundFetchPolyfill.storageManager(STORAGE);
self.passed = [];
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  const { pathname } = new URL(event.request.url);
  self.passed.push(pathname);
  if (pathname === '/own') event.respondWith(new Response('from the app'));
});
for (const outcome of ['success', 'fail', 'abort']) {
  addEventListener('backgroundfetch' + outcome, ({ type, registration: { id } }) => self.passed.push(type + ' ' + id));
}
addEventListener('message', ({ data, ports }) => {
  if (data === 'passed') ports[0].postMessage(self.passed);
});
`;

const PAGE = `
<script>
window.library = {
  async ask(method, body, headers = { 'content-type': 'application/json' }) {
    const init = { method, headers: body === undefined ? {} : headers };
    if (body !== undefined) init.body = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch('/storage-manager', init);
    const text = await response.text();
    return { status: response.status, type: response.headers.get('content-type'), body: JSON.parse(text) };
  },
  async set(id) {
    const { body } = await library.ask('GET');
    return body.sets?.find((set) => set.id === id);
  },
  async get(url, headers = {}, init = {}) {
    const response = await fetch(url, { headers, ...init });
    const bytes = await response.arrayBuffer();
    const digest = await crypto.subtle.digest('SHA-256', bytes);
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      length: bytes.byteLength,
      hash: Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join(''),
    };
  },
  async passed() {
    const { active } = await navigator.serviceWorker.ready;
    const { port1, port2 } = new MessageChannel();
    return new Promise((resolve) => {
      port1.onmessage = ({ data }) => resolve(data);
      active.postMessage('passed', [port2]);
    });
  },
  // Of the rows: what a set without a copy leaves.
  async count(name) {
    const database = await new Promise((resolve) => {
      indexedDB.open('background-fetch').onsuccess = ({ target }) => resolve(target.result);
    });
    const count = await new Promise((resolve) => {
      database.transaction(name).objectStore(name).count().onsuccess = ({ target }) => resolve(target.result);
    });
    database.close();
    return count;
  },
};
</script>`;

function integrityOf(server, path) {
  return { integrity: `sha256-${Buffer.from(server.sha256(path), 'hex').toString('base64')}` };
}

/** Serves a manifest of these sets, `{id: [path, ...]}`, whose files the server has; `versions`: members instead of `integrity`. */
export function serveManifest(server, sets, versions = {}) {
  const listed = Object.entries(sets).map(([id, paths]) => ({
    id,
    title: `The set ${id}`,
    files: paths.map((url) => {
      const { size } = server.contentOf(url);
      return { url, size, type: 'audio/mpeg', ...(versions[url] ?? integrityOf(server, url)) };
    }),
  }));
  const body = JSON.stringify({ version: 1, sets: listed });
  server.file('/manifest.json', { body, type: 'application/json' });
}

/**
 * Opens a page of the app. `first`: what the worker's script begins with.
 *
 * @param {any} context
 * @param {{ storage?: object, polyfill?: boolean, again?: boolean, html?: string, before?: string, path?: string, headers?: object, first?: string }} [options]
 */
export async function openLibrary(context, options = {}) {
  const {
    storage = {},
    polyfill = true,
    again = false,
    html = '',
    before = '',
    first = '',
    ...rest
  } = options;
  const text = JSON.stringify({ manifest: '/manifest.json', ...storage });
  const worker = again ? undefined : first + WORKER.replace('STORAGE', text);
  const page = await context.openPage({ worker, polyfill, html: PAGE + html, before, ...rest });
  await page.waitFor(() => navigator.serviceWorker.controller !== null);
  return page;
}

/** Makes the page's client, as `library.manager`. */
export function openClient(page) {
  return page.evaluate(async () => {
    // A variable, so that it is no module of the type checker's.
    const path = '/pkg/storage-manager.mjs';
    const { StorageManager } = await import(path);
    window.library.manager = new StorageManager();
  });
}

/** Waits until a set is in a state. */
export async function untilSet(page, id, state, { timeout = 30_000 } = {}) {
  const isInState = async (name, awaited) => (await window.library.set(name))?.state === awaited;
  try {
    await page.waitFor({ timeout }, isInState, id, state);
  } catch (error) {
    error.message += `\n${JSON.stringify(await page.evaluate(() => window.library.ask('GET')))}`;
    throw error;
  }
}

/** Stores a set, and waits for it. */
export async function storeSet(page, id, options = {}) {
  const answer = await page.evaluate((name) => window.library.ask('POST', { id: name }), id);
  if (answer.status !== 202) throw new Error(JSON.stringify(answer));
  await untilSet(page, id, 'stored', options);
}
