import assert from 'node:assert/strict';
import { forEachEngine } from './harness.mjs';

/** Runs before the polyfill: keeps the console's errors, and takes a feature away. */
function preamble(takeAway) {
  return `self.backgroundFetchPolyfill = { force: true };
self.errors = [];
console.error = (...args) => self.errors.push(args.join(' '));
${takeAway}`;
}

/** A page without inline scripts, so that a strict policy fits it. */
const PAGE = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<script src="/preamble.js"></script><script src="/pkg/background-fetch-polyfill.js"></script>`;

const IS_POLYFILLED = `(() => {
  const { get } = Object.getOwnPropertyDescriptor(ServiceWorkerRegistration.prototype, 'backgroundFetch') ?? {};
  return Boolean(get) && !String(get).includes('[native code]');
})()`;

const FEATURES = {
  'service workers': {
    takeAway: `self.Kept = self.ServiceWorkerRegistration; delete self.ServiceWorkerRegistration;`,
    bringBack: `self.ServiceWorkerRegistration = self.Kept;`,
    says: /no service workers/,
  },
  IndexedDB: {
    takeAway: `Object.defineProperty(self, 'indexedDB', { value: undefined });`,
    says: /no IndexedDB/,
  },
  'Web Locks': {
    takeAway: `Object.defineProperty(navigator, 'locks', { value: undefined });`,
    says: /no Web Locks/,
  },
};

forEachEngine('missing features', ({ test }) => {
  for (const [name, { takeAway, bringBack = '', says }] of Object.entries(FEATURES)) {
    test(`without ${name} a page is told so, and the API stays undefined`, async ({ server, openPage }) => {
      server.page('/preamble.js', preamble(takeAway), { type: 'text/javascript' });
      server.page('/', PAGE);
      const page = await openPage();
      const errors = await page.evaluate(() => self.errors);
      assert.equal(errors.length, 1, errors.join('\n'));
      assert.match(errors[0], says);
      const look = (first, test) => [self.eval(first), self.eval(test)][1];
      assert.equal(await page.evaluate(look, bringBack, IS_POLYFILLED), false);
    });
  }

  for (const kind of ['Worker', 'SharedWorker']) {
    test(`in a ${kind} without service workers the interfaces are there, and nothing starts`, async ({
      server,
      openPage,
    }) => {
      const source = `${preamble('delete self.ServiceWorkerRegistration;')}
self.listened = [];
self.addEventListener = (type) => self.listened.push(type);
importScripts('/pkg/background-fetch-polyfill.js');
const report = async (port) => {
  const databases = await indexedDB.databases();
  const { held, pending } = await navigator.locks.query();
  port.postMessage({
    errors: self.errors,
    listened: self.listened,
    kept: [...databases, ...held, ...pending].map(({ name }) => name),
    interfaces: Object.getOwnPropertyNames(self).filter((name) => name.startsWith('BackgroundFetch')).sort(),
  });
};
onmessage = () => report(self);
onconnect = ({ ports: [port] }) => (port.onmessage = () => report(port));`;
      server.page('/worker.js', source, { type: 'text/javascript' });
      const page = await openPage();
      const report = await page.evaluate((name) => {
        const worker = new self[name]('/worker.js');
        const port = worker.port ?? worker;
        return new Promise((resolve, reject) => {
          worker.onerror = ({ message }) => reject(new Error(message));
          port.onmessage = ({ data }) => resolve(data);
          port.postMessage('');
        });
      }, kind);
      const interfaces = ['BackgroundFetchManager', 'BackgroundFetchRecord', 'BackgroundFetchRegistration'];
      assert.deepEqual(report, { errors: [], listened: [], kept: [], interfaces });
    });
  }

  test('where the browser refuses locks, methods reject', async ({ server, openPage }) => {
    server.file('/film', { size: 10 });
    const refuse = () => {
      LockManager.prototype.request = () => Promise.reject(new DOMException('No locks.', 'SecurityError'));
    };
    const page = await openPage({ polyfill: true, before: `<script>(${refuse})()</script>`, worker: '' });
    const outcome = await page.evaluate(async () => {
      const { backgroundFetch } = await navigator.serviceWorker.ready;
      return backgroundFetch.fetch('film', '/film').then(
        () => 'resolved',
        ({ name }) => name,
      );
    });
    assert.equal(outcome, 'UnknownError');
    assert.deepEqual(server.requests('/film'), []);
  });

  test("without 'wasm-unsafe-eval' nothing is defined, in page and worker", async ({ server, openPage }) => {
    const policy = { 'Content-Security-Policy': "script-src 'self'" };
    const report = `self.isPolyfilled = ${IS_POLYFILLED};`;
    server.page('/preamble.js', preamble(''), { type: 'text/javascript' });
    server.page('/report.js', report, { type: 'text/javascript' });
    server.page('/', `${PAGE}<script src="/report.js"></script>`, { headers: policy });
    const worker = `importScripts('/preamble.js', '/pkg/service-worker.js', '/report.js');
addEventListener('message', ({ ports }) => ports[0].postMessage({ errors, isPolyfilled }));`;
    server.page('/service-worker.js', worker, { type: 'text/javascript', headers: policy });
    const page = await openPage();
    const inPage = await page.evaluate(() => ({ errors: self.errors, isPolyfilled: self.isPolyfilled }));
    const inWorker = await page.evaluate(async () => {
      await navigator.serviceWorker.register('/service-worker.js');
      const { active } = await navigator.serviceWorker.ready;
      const { port1, port2 } = new MessageChannel();
      return new Promise((resolve) => {
        port1.onmessage = ({ data }) => resolve(data);
        active.postMessage('', [port2]);
      });
    });
    for (const { errors, isPolyfilled } of [inPage, inWorker]) {
      assert.equal(isPolyfilled, false);
      assert.equal(errors.length, 1, errors.join('\n'));
      assert.match(errors[0], /'wasm-unsafe-eval'/);
    }
  });

  test("with 'wasm-unsafe-eval' the API is there", async ({ server, openPage }) => {
    server.page('/preamble.js', preamble(''), { type: 'text/javascript' });
    server.page('/report.js', `self.isPolyfilled = ${IS_POLYFILLED};`, { type: 'text/javascript' });
    server.page('/', `${PAGE}<script src="/report.js"></script>`, {
      headers: { 'Content-Security-Policy': "script-src 'self' 'wasm-unsafe-eval'" },
    });
    const page = await openPage();
    assert.deepEqual(await page.evaluate(() => self.errors), []);
    assert.equal(await page.evaluate(() => self.isPolyfilled), true);
  });

  test('a worker that requires Trusted Types loads the polyfill as the README says', async (context) => {
    const { server, openPage } = context;
    const headers = { 'Content-Security-Policy': "require-trusted-types-for 'script'" };
    const loads = {
      plain: `importScripts('/pkg/service-worker.js');`,
      policy: `const address = { createScriptURL: (url) => url };
const policy = self.trustedTypes?.createPolicy('background-fetch-polyfill', address) ?? address;
importScripts(policy.createScriptURL('/pkg/service-worker.js'));`,
      module: `import '/preamble.mjs'; import '/pkg/service-worker.mjs';`,
    };
    const answer = `addEventListener('message', ({ ports }) => ports[0].postMessage(${IS_POLYFILLED}));`;
    server.page('/preamble.mjs', preamble(''), { type: 'text/javascript' });
    server.page('/preamble.js', preamble(''), { type: 'text/javascript' });
    server.page('/', PAGE);
    const page = await openPage();
    const works = {};
    for (const [name, load] of Object.entries(loads)) {
      const type = name === 'module' ? 'module' : 'classic';
      const before = type === 'classic' ? preamble('') : '';
      server.page(`/${name}.js`, `${before}\n${load}\n${answer}`, { type: 'text/javascript', headers });
      works[name] = await page.evaluate(
        async (url, options) => {
          try {
            const registration = await navigator.serviceWorker.register(url, options).catch((error) => {
              throw new DOMException('', `not registered: ${error.name}`);
            });
            const worker = registration.installing ?? registration.waiting ?? registration.active;
            const { port1, port2 } = new MessageChannel();
            const answered = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
            worker.postMessage('', [port2]);
            return await answered;
          } catch (error) {
            return error.name;
          }
        },
        `/${name}.js`,
        { scope: `/${name}/`, type },
      );
    }
    const { plain, ...others } = works;
    assert.deepEqual(others, { policy: true, module: true });
    const enforces = await page.evaluate(() => 'trustedTypes' in self);
    assert.equal(plain, enforces ? 'not registered: TypeError' : true);
  });

  test('a native API is left alone unless force is asked for', async ({ server, openPage }) => {
    server.page('/preamble.js', `self.hadNative = 'BackgroundFetchManager' in self;`, {
      type: 'text/javascript',
    });
    server.page('/', PAGE);
    const page = await openPage();
    const state = await page.evaluate(() => {
      const { get } = Object.getOwnPropertyDescriptor(ServiceWorkerRegistration.prototype, 'backgroundFetch');
      return { hadNative: self.hadNative, isNative: String(get).includes('[native code]') };
    });
    assert.equal(state.isNative, state.hadNative);
  });
});
