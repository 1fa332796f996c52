import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { ROOT } from '../../scripts/setup/run.mjs';
import { assertHashes, assertNothingLeft, openApp, reportOf } from './app.mjs';
import { forEachEngine } from './harness.mjs';

const ENGINE = '/pkg/background-fetch-polyfill.wasm';
const SIZE = 1 << 20;

/** Counts what is compiled and made of WebAssembly, and says when the database was looked for. Runs before the polyfill. */
const COUNTING = `
self.seen = { compiled: 0, looks: 0, fetchListeners: 0 };
for (const name of ['compile', 'compileStreaming', 'instantiate', 'instantiateStreaming']) {
  const native = WebAssembly[name];
  WebAssembly[name] = (...args) => {
    self.seen.compiled += 1;
    return native.apply(WebAssembly, args);
  };
}
const { databases } = IDBFactory.prototype;
IDBFactory.prototype.databases = async function () {
  const found = await databases.call(this);
  self.seen.looks += 1;
  return found;
};
`;

const WORKER = `${COUNTING}
const { addEventListener: attach } = EventTarget.prototype;
EventTarget.prototype.addEventListener = function (type, ...rest) {
  if (type === 'fetch') self.seen.fetchListeners += 1;
  return attach.call(this ?? self, type, ...rest);
};
importScripts('/polyfill-options.js', '/pkg/service-worker.js');
addEventListener('message', ({ data, ports }) => data === 'seen' && ports[0].postMessage(self.seen));
`;

function ask(message) {
  return navigator.serviceWorker.ready.then(
    ({ active }) =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data }) => resolve(data);
        active.postMessage(message, [port2]);
      }),
  );
}

const before = `<script>${COUNTING}</script>`;

/** A worker that counts, with the app's own lines after it. */
async function openCounting(context, rest = '') {
  const { server } = context;
  const page = await context.openPage({ polyfill: true, before });
  server.page('/service-worker.js', WORKER + rest);
  await page.evaluate(async () => {
    await navigator.serviceWorker.register('/service-worker.js');
    await navigator.serviceWorker.ready;
  });
  return page;
}

/**
 * The engine's file of another build: the same with a section of its own, which means nothing.
 *
 * @returns {Promise<{ engine: Buffer, hashes: [string, string] }>}
 */
async function otherBuild() {
  const engine = await readFile(join(ROOT, 'pkg/background-fetch-polyfill.wasm'));
  const section = Buffer.from('\x05other');
  const other = Buffer.concat([engine, Buffer.from([0, section.length]), section]);
  const sha256 = (bytes) => createHash('sha256').update(bytes).digest('base64');
  return { engine: other, hashes: [sha256(engine), sha256(other)] };
}

/** Serves a script of the package as the other build has it, with the engine beside it. */
async function serveOtherBuild(server, name) {
  const { engine, hashes } = await otherBuild();
  const script = await readFile(join(ROOT, 'pkg', name), 'utf8');
  assert.ok(script.includes(hashes[0]));
  server.page(`/other/${name}`, script.replaceAll(...hashes));
  server.page('/other/background-fetch-polyfill.wasm', engine);
}

/** Changes the stored engines. Evaluated in pages. */
async function tamper() {
  const database = await new Promise((resolve) => {
    indexedDB.open('background-fetch').onsuccess = ({ target }) => resolve(target.result);
  });
  const transaction = database.transaction(['engines', 'progress'], 'readwrite');
  const store = transaction.objectStore('engines');
  const names = await new Promise((resolve) => {
    store.getAllKeys().onsuccess = ({ target }) => resolve(target.result);
  });
  // As good a module as any, of somebody else.
  const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0).buffer;
  for (const name of names) store.put({ bytes, storedAt: Date.now() }, name);
  await new Promise((resolve) => (transaction.oncomplete = resolve));
  database.close();
  return names.length;
}

/** How many engines are stored that have so many bytes at least. Evaluated in pages. */
const storedEngines = async (least = 0) => {
  const database = await new Promise((resolve) => {
    indexedDB.open('background-fetch').onsuccess = ({ target }) => resolve(target.result);
  });
  const rows = await new Promise((resolve) => {
    database.transaction('engines').objectStore('engines').getAll().onsuccess = ({ target }) =>
      resolve(target.result);
  });
  database.close();
  return rows.filter(({ bytes }) => bytes.byteLength >= least).length;
};

/** A page that has half of a file, and stored its engine. */
async function beginAndStore(context, options) {
  context.server.file('/film', { size: SIZE, stallAfter: SIZE / 2 });
  const page = await openApp(context, options);
  await page.evaluate(() => window.app.fetch('film', '/film'));
  await page.waitFor((length) => window.app.state('film').downloaded === length, SIZE / 2);
  await page.waitFor(storedEngines);
  return page;
}

forEachEngine('costs', ({ test }) => {
  test('a page and a worker that never fetch load nothing, make nothing and compile nothing', async (context) => {
    const { server } = context;
    const page = await openCounting(context);
    await page.waitFor(() => self.seen.looks > 0);
    // A message of the app's starts the worker, which looks a second later.
    const inWorker = await page.waitFor(async (source) => {
      const seen = await self.eval(`(${source})`)('seen');
      return seen.looks > 1 && seen;
    }, `${ask}`);
    assert.equal(inWorker.compiled, 0);
    assert.equal(inWorker.fetchListeners, 0);
    const found = await page.evaluate(async () => {
      const { backgroundFetch } = await navigator.serviceWorker.ready;
      const answers = [(await backgroundFetch.get('x')) ?? null, await backgroundFetch.getIds()];
      return { answers, databases: await indexedDB.databases(), compiled: self.seen.compiled };
    });
    assert.deepEqual(found, { answers: [null, []], databases: [], compiled: 0 });
    assert.deepEqual(server.requests(ENGINE), []);
  });

  for (const [how, line] of Object.entries({
    'addEventListener()': "addEventListener('fetch', () => self.order.push('app'));",
    onfetch: "self.onfetch = () => self.order.push('app');",
  })) {
    test(`the listener of fetch events comes before the app's, which uses ${how}`, async (context) => {
      const { server } = context;
      server.file('/film', { size: SIZE });
      server.page('/any', 'any', { type: 'text/plain' });
      const rest = `self.order = [];\n${line}
addEventListener('message', ({ data, ports }) => data === 'order' && ports[0].postMessage(self.order));
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('backgroundfetchsuccess', (event) => self.order.push('event'));`;
      const page = await openCounting(context, rest);
      await page.waitFor(() => navigator.serviceWorker.controller);
      await page.evaluate(async () => {
        const { backgroundFetch } = await navigator.serviceWorker.ready;
        await fetch('/any');
        self.fetched = await backgroundFetch.fetch('film', '/film');
      });
      await page.waitFor(() => self.fetched.result === 'success' && !self.fetched.recordsAvailable);
      const order = await page.evaluate(ask, 'order');
      // Of the polyfill's own requests the app sees the engine's file alone.
      assert.deepEqual(order, ['app', 'app', 'event']);
      assert.ok((await page.evaluate(ask, 'seen')).fetchListeners > 1);
    });
  }

  test('a page without an engine goes on with what another page began', async (context) => {
    const { server } = context;
    server.file('/film', { size: SIZE, stallAfter: SIZE / 2 });
    const page = await openApp(context);
    const other = await openApp(context, { again: true });
    await page.evaluate(() => window.app.fetch('film', '/film'));
    await page.waitFor((length) => window.app.state('film').downloaded === length, SIZE / 2);
    // Its engine waits for the lock.
    await other.waitFor(async () => (await navigator.locks.query()).pending.length > 0);
    await page.close();
    server.release('/film');
    const report = await reportOf(other, 'film');
    assert.equal(report.type, 'backgroundfetchsuccess');
    await assertHashes(other, server, 'film', ['/film']);
    await assertNothingLeft(other);
  });

  test('a worker and a page have the stored engine where its file cannot be loaded', async (context) => {
    const { server } = context;
    const page = await beginAndStore(context);
    server.page(ENGINE, 'gone', { status: 404 });
    const count = server.requests(ENGINE).length;
    await page.reload();
    await page.waitFor(() => window.app);
    server.release('/film');
    const report = await reportOf(page, 'film');
    assert.equal(report.type, 'backgroundfetchsuccess');
    await assertHashes(page, server, 'film', ['/film']);
    assert.equal(server.requests(ENGINE).length, count);
    await assertNothingLeft(page);
  });

  test('an engine in the database that is none of ours is not run', async (context) => {
    const { server } = context;
    const page = await beginAndStore(context);
    assert.ok((await page.evaluate(tamper)) > 0);
    await page.reload();
    await page.waitFor(() => window.app);
    server.release('/film');
    const report = await reportOf(page, 'film');
    assert.equal(report.type, 'backgroundfetchsuccess');
    await assertHashes(page, server, 'film', ['/film']);
  });

  test('a page and a worker of two builds have an engine each', async (context) => {
    const { server } = context;
    server.file('/film', { size: SIZE });
    await serveOtherBuild(server, 'service-worker.js');
    const page = await context.openPage({ polyfill: true, before });
    server.page(
      '/service-worker.js',
      `importScripts('/polyfill-options.js', '/other/service-worker.js');
addEventListener('backgroundfetchsuccess', (event) => event.waitUntil(store(event.registration)));
async function store(registration) {
  const cache = await caches.open('film');
  const record = await registration.match('/film');
  await cache.put('/film', await record.responseReady);
}`,
    );
    await page.evaluate(async () => {
      await navigator.serviceWorker.register('/service-worker.js');
      const { backgroundFetch } = await navigator.serviceWorker.ready;
      self.fetched = await backgroundFetch.fetch('film', '/film');
    });
    await page.waitFor(() => self.fetched.result === 'success' && !self.fetched.recordsAvailable);
    const size = await page.evaluate(async () => {
      const response = await (await caches.open('film')).match('/film');
      return (await response.arrayBuffer()).byteLength;
    });
    assert.equal(size, SIZE);
    assert.equal(await page.evaluate(storedEngines), 2);
  });

  test('the file may have any media type, and lie where an option says', async (context) => {
    const { server } = context;
    server.page('/elsewhere/engine', await readFile(join(ROOT, 'pkg/background-fetch-polyfill.wasm')), {
      type: 'application/wasm; charset=utf-8',
    });
    server.page(ENGINE, 'gone', { status: 404 });
    server.file('/film', { size: SIZE });
    const page = await openApp(context, { polyfill: { wasm: '/elsewhere/engine' } });
    await page.evaluate(() => window.app.fetch('film', '/film'));
    const report = await reportOf(page, 'film');
    assert.equal(report.type, 'backgroundfetchsuccess');
    await assertHashes(page, server, 'film', ['/film']);
    assert.deepEqual(server.requests(ENGINE), []);
  });

  test('without its file fetch() rejects and says what is missing, and works once it is there', async (context) => {
    const { server } = context;
    const gone = server.page(ENGINE, '<!doctype html>Not found', { type: 'text/html' });
    server.file('/film', { size: SIZE });
    const page = await openApp(context);
    const error = await page.evaluate(() =>
      window.app.fetch('film', '/film').catch(({ name, message }) => `${name}: ${message}`),
    );
    assert.match(error, /^TypeError: .*background-fetch-polyfill\.wasm/);
    gone.update({
      body: await readFile(join(ROOT, 'pkg/background-fetch-polyfill.wasm')),
      type: 'application/wasm',
    });
    await page.evaluate(() => window.app.fetch('film', '/film'));
    assert.equal((await reportOf(page, 'film')).type, 'backgroundfetchsuccess');
  });

  test('fetch() waits for the engine through a short failure of the network', async (context) => {
    const { server } = context;
    server.file('/film', { size: SIZE });
    const failing = `<script>
const { fetch: native } = self;
self.failures = 2;
self.fetch = (input, init) => {
  const fails = String(input).includes('${ENGINE}') && self.failures > 0;
  self.failures -= fails;
  return fails ? Promise.reject(new TypeError('no network')) : native(input, init);
};
</script>`;
    const page = await openApp(context, { before: failing });
    await page.evaluate(() => window.app.fetch('film', '/film'));
    assert.equal(await page.evaluate(() => self.failures), 0);
    assert.equal((await reportOf(page, 'film')).type, 'backgroundfetchsuccess');
  });

  test('a page whose engine could not be loaded tries again when the network is back', async (context) => {
    const { server } = context;
    const file = { body: await readFile(join(ROOT, 'pkg/background-fetch-polyfill.wasm')) };
    const engine = server.page('/app/engine', file.body, { type: 'application/wasm' });
    // The worker never has an engine: it would do the page's work.
    const worker = `for (const name of ['compile', 'compileStreaming']) {
  WebAssembly[name] = () => Promise.reject(new TypeError('none here'));
}`;
    const page = await beginAndStore(context, { worker, path: '/app/', polyfill: { wasm: 'engine' } });
    await page.evaluate(tamper);
    engine.update({ status: 404, body: 'gone' });
    await page.reload();
    await page.waitFor(() =>
      self[Symbol.for('test bed: told')].some((line) => line.includes('the engine failed')),
    );
    engine.update({ status: 200, ...file });
    const count = server.requests('/film').length;
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await server.until(() => server.requests('/film').length > count);
    await page.waitFor(storedEngines, 10_000);
  });

  test('the scripts with the engine inside need no other file', async (context) => {
    const { server } = context;
    server.file('/film', { size: SIZE });
    server.page(ENGINE, 'gone', { status: 404 });
    server.page(
      '/pkg/background-fetch-polyfill.js',
      await readFile(join(ROOT, 'pkg/background-fetch-polyfill.inline.js')),
    );
    server.page('/pkg/service-worker.js', await readFile(join(ROOT, 'pkg/service-worker.inline.js')));
    const page = await openApp(context);
    await page.evaluate(() => window.app.fetch('film', '/film'));
    assert.equal((await reportOf(page, 'film')).type, 'backgroundfetchsuccess');
    await assertHashes(page, server, 'film', ['/film']);
    assert.deepEqual(server.requests(ENGINE), []);
  });
});
