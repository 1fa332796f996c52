import assert from 'node:assert/strict';
import { assertHashes, assertNothingLeft, openApp, reportOf } from './app.mjs';
import { forEachEngine } from './harness.mjs';

forEachEngine('ways to load', ({ engine, test }) => {
  test('modules in page and worker', async (context) => {
    const { server } = context;
    server.file('/one.bin', { size: 100_000 });
    const before = `<script type="module">
      import '/polyfill-options.js';
      import '/pkg/index.mjs';
      import { backgroundFetchOf, install } from '/pkg/ponyfill.mjs';
      self.again = install();
      self.isSame = (registration) => backgroundFetchOf(registration) === registration.backgroundFetch;
    </script>`;
    const page = await openApp(context, { before, inPage: false, type: 'module' });
    assert.equal(await page.evaluate(() => self.again), true);
    assert.ok(await page.evaluate(async () => self.isSame(await window.app.registration())), 'one polyfill');
    await page.evaluate(() => window.app.fetch('set', '/one.bin'));
    const report = await reportOf(page, 'set');
    assert.equal(report.type, 'backgroundfetchsuccess');
    await assertHashes(page, server, 'set', ['/one.bin']);
    await assertNothingLeft(page);
  });

  test('a fetch that the worker itself begins', async (context) => {
    const { server } = context;
    server.file('/one.bin', { size: 3_000_000 });
    const page = await openApp(context, {
      worker: `addEventListener('message', (event) => {
        if (event.data.begin) event.waitUntil(begin(event.data.begin, event.ports[0]));
      });
      async function begin(id, port) {
        const { backgroundFetch } = self.registration;
        const begun = await backgroundFetch.fetch(id, '/one.bin', { title: 'From the worker' });
        const isSame = (await backgroundFetch.get(id)) === begun;
        port.postMessage({ id: begun.id, isSame, ids: await backgroundFetch.getIds() });
      }`,
    });
    const begun = await page.evaluate(async () => {
      const { active } = await window.app.registration();
      const { port1, port2 } = new MessageChannel();
      return new Promise((resolve) => {
        port1.onmessage = ({ data }) => resolve(data);
        active.postMessage({ begin: 'set' }, [port2]);
      });
    });
    assert.deepEqual(begun, { id: 'set', isSame: true, ids: ['set'] });
    const report = await reportOf(page, 'set');
    assert.equal(report.type, 'backgroundfetchsuccess');
    await assertHashes(page, server, 'set', ['/one.bin']);
    await assertNothingLeft(page);
  });

  const skip = engine === 'chromium' && 'its workers have no navigator.serviceWorker';
  test('a fetch that a dedicated worker begins', { skip }, async (context) => {
    const { server } = context;
    server.file('/one.bin', { size: 100_000 });
    const source = `importScripts('/polyfill-options.js', '/pkg/background-fetch-polyfill.js');
onmessage = async () => {
  const { backgroundFetch } = await navigator.serviceWorker.ready;
  const begun = await backgroundFetch.fetch('set', '/one.bin');
  begun.onprogress = () => begun.result && postMessage([begun.id, begun.result]);
};`;
    server.page('/dedicated-worker.js', source, { type: 'text/javascript' });
    const page = await openApp(context);
    const ended = await page.evaluate(
      () =>
        new Promise((resolve, reject) => {
          const worker = new Worker('/dedicated-worker.js');
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
          worker.postMessage('');
        }),
    );
    assert.deepEqual(ended, ['set', 'success']);
    const report = await reportOf(page, 'set');
    assert.equal(report.type, 'backgroundfetchsuccess');
    await assertHashes(page, server, 'set', ['/one.bin']);
    await assertNothingLeft(page);
  });

  test('a page outside the scope of the worker', async (context) => {
    const { server } = context;
    server.file('/one.bin', { size: 100_000 });
    const page = await context.openPage({
      polyfill: true,
      scope: '/elsewhere/',
      worker: `addEventListener('backgroundfetchsuccess', (event) => event.waitUntil(store(event.registration)));
      async function store(registration) {
        const cache = await caches.open(registration.id);
        const record = await registration.match('/one.bin');
        await cache.put(record.request, await record.responseReady);
      }`,
    });
    const result = await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration('/elsewhere/');
      const fetched = await registration.backgroundFetch.fetch('set', ['/one.bin']);
      self.fetched = fetched;
      return navigator.serviceWorker.controller;
    });
    assert.equal(result, null, 'the page is not controlled');
    await page.waitFor(() => self.fetched.result === 'success' && !self.fetched.recordsAvailable);
    const size = await page.evaluate(async () => {
      const response = await (await caches.open('set')).match('/one.bin');
      return (await response.arrayBuffer()).byteLength;
    });
    assert.equal(size, 100_000);
    await assertNothingLeft(page);
  });
});
