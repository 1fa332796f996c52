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

  test('two copies of the package in a page are one polyfill', async (context) => {
    context.server.file('/endless.bin', { never: true });
    const before = `<script>
      self.instances = 0;
      const { instantiate } = WebAssembly;
      WebAssembly.instantiate = (...args) => {
        self.instances += 1;
        return instantiate.apply(WebAssembly, args);
      };
    </script>`;
    const html = `<script type="module">
      const { prototype } = ServiceWorkerRegistration;
      const shape = () => [
        Object.getOwnPropertyDescriptor(prototype, 'backgroundFetch').get,
        prototype.unregister,
        navigator.permissions?.query,
        self.BackgroundFetchManager,
      ];
      const first = shape();
      const second = await import('/pkg/index.mjs');
      const { backgroundFetchOf, BackgroundFetchManager, install } = await import('/pkg/ponyfill.mjs');
      const isInstalled = install({ force: true });
      const isUnchanged = shape().every((value, index) => value === first[index]);
      const { backgroundFetch } = await navigator.serviceWorker.ready;
      const isSame = backgroundFetchOf(await navigator.serviceWorker.ready) === backgroundFetch;
      const isInstance = backgroundFetch instanceof BackgroundFetchManager;
      const fetch = await backgroundFetch.fetch('set', '/endless.bin');
      const paused = [await second.pause(fetch), self.backgroundFetchPolyfill.isPaused(fetch)];
      const resumed = [await self.backgroundFetchPolyfill.resume(fetch), second.isPaused(fetch)];
      await fetch.abort();
      self.seen = { isInstalled, isUnchanged, isSame, isInstance, paused, resumed, instances: self.instances };
    </script>`;
    const page = await context.openPage({ polyfill: true, worker: '', before, html });
    const seen = await page.waitFor(() => self.seen);
    assert.deepEqual(seen, {
      isInstalled: true,
      isUnchanged: true,
      isSame: true,
      isInstance: true,
      paused: [true, true],
      resumed: [true, false],
      instances: 1,
    });
  });

  test('two copies of the package in a worker are one polyfill', async (context) => {
    context.server.file('/one.bin', { size: 1000 });
    const page = await openApp(context, {
      worker: `
        const ours = self.registration.backgroundFetch;
        const { pause } = self.backgroundFetchPolyfill;
        const native = self.addEventListener;
        const added = [];
        self.addEventListener = (...args) => (added.push(args[0]), native.apply(self, args));
        importScripts('/pkg/service-worker.js');
        self.addEventListener = native;
        addEventListener('message', ({ data, ports }) => {
          if (data.ask !== 'copies') return;
          const isNew = self.backgroundFetchPolyfill.pause !== pause;
          ports[0].postMessage({ added, isNew, isSame: self.registration.backgroundFetch === ours });
        });
        addEventListener('backgroundfetchsuccess', ({ registration }) => {
          self.seen.steps.push(self.backgroundFetchPolyfill.isPaused(registration));
        });`,
    });
    const copies = await page.evaluate(async () => {
      const { active } = await window.app.registration();
      const { port1, port2 } = new MessageChannel();
      return new Promise((resolve) => {
        port1.onmessage = ({ data }) => resolve(data);
        active.postMessage({ ask: 'copies' }, [port2]);
      });
    });
    assert.deepEqual(copies, { added: [], isNew: true, isSame: true });
    await page.evaluate(() => window.app.fetch('set', '/one.bin'));
    const report = await reportOf(page, 'set');
    assert.equal(report.type, 'backgroundfetchsuccess');
    const { steps } = await page.evaluate(() => window.app.seenByWorker());
    assert.ok(steps.includes(false), 'the second copy knows the registrations of the first');
    await assertNothingLeft(page);
  });

  test('variables of bundlers with the names of interfaces are not taken for a native API', async (context) => {
    context.server.file('/one.bin', { size: 1000 });
    const variables = 'var BackgroundFetchManager, BackgroundFetchUpdateUIEvent;';
    const page = await openApp(context, {
      polyfill: { force: engine === 'chromium' },
      before: `<script>${variables}</script>`,
      worker: variables,
    });
    assert.equal(
      await page.evaluate(async () => {
        const { backgroundFetch } = await window.app.registration();
        return String(backgroundFetch) + (backgroundFetch instanceof BackgroundFetchManager);
      }),
      '[object BackgroundFetchManager]true',
    );
    await page.evaluate(() => window.app.fetch('set', '/one.bin'));
    assert.equal((await reportOf(page, 'set')).type, 'backgroundfetchsuccess');
    await assertNothingLeft(page);
  });

  test('a part that is loaded in the wrong place does nothing but say so', async ({ openPage }) => {
    const keep = 'self.errors = []; console.error = (text) => self.errors.push(text);';
    const page = await openPage({
      before: `<script>${keep} self.backgroundFetchPolyfill = { force: true };</script>
        <script src="/pkg/service-worker.js"></script>`,
      worker: `${keep} self.backgroundFetchPolyfill = { force: true };
        importScripts('/pkg/background-fetch-polyfill.js');
        addEventListener('message', ({ ports }) => ports[0].postMessage(self.errors));`,
    });
    const inPage = await page.evaluate(() => self.errors);
    assert.equal(inPage.length, 1, inPage.join('\n'));
    assert.match(inPage[0], /load 'background-fetch-polyfill'/);
    const inWorker = await page.evaluate(async () => {
      const { active } = await navigator.serviceWorker.ready;
      const { port1, port2 } = new MessageChannel();
      return new Promise((resolve) => {
        port1.onmessage = ({ data }) => resolve(data);
        active.postMessage('', [port2]);
      });
    });
    assert.equal(inWorker.length, 1, inWorker.join('\n'));
    assert.match(inWorker[0], /background-fetch-polyfill\/service-worker/);
  });
});
