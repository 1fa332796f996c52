import assert from 'node:assert/strict';
import { forEachEngine } from './harness.mjs';

/** What a global says of its permissions, as JSON. */
const LOOK = `self.look = async () => {
  const attempt = async (work) => {
    try {
      const status = await work();
      return { state: status.state, name: status.name };
    } catch (error) {
      return { error: error.name + ': ' + error.message };
    }
  };
  const query = (descriptor) => attempt(() => navigator.permissions.query(descriptor));
  const ours = await navigator.permissions.query({ name: 'background-fetch' });
  let changes = 0;
  ours.addEventListener('change', () => (changes += 1));
  ours.dispatchEvent(new Event('change'));
  const { prototype } = Permissions;
  const { writable, enumerable, configurable, value } = Object.getOwnPropertyDescriptor(prototype, 'query');
  return {
    state: ours.state,
    isStatus: !self.PermissionStatus || ours instanceof PermissionStatus,
    changes,
    converted: await query({ name: { toString: () => 'background-fetch' } }),
    others: {
      geolocation: await query({ name: 'geolocation' }),
      unknown: await query({ name: 'no-such-permission' }),
      nothing: await query(undefined),
      text: await query('background-fetch'),
      nameless: await query({}),
      noArgument: await attempt(() => navigator.permissions.query()),
      wrongThis: await attempt(() => prototype.query.call({}, { name: 'background-fetch' })),
    },
    shape: [writable, enumerable, configurable, value.name, value.length, 'prototype' in value],
  };
};
`;

/** Loads the polyfill with options that are no JSON. */
function loading(options, script) {
  return {
    set: `self.backgroundFetchPolyfill = { force: true, ${options} };\n`,
    script: `/pkg/${script}.js`,
  };
}

/** A page and the workers it starts, each with the polyfill or, where `options` are undefined, without. */
async function openAll({ server, openPage }, options) {
  const load = (script) => {
    const { set, script: path } = loading(options, script);
    return `${LOOK}${options === undefined ? '' : `${set}importScripts('${path}');`}\n`;
  };
  const { set, script } = loading(options, 'background-fetch-polyfill');
  const polyfill = options === undefined ? '' : `<script>${set}</script><script src="${script}"></script>`;
  server.page(
    '/worker.js',
    `${load('background-fetch-polyfill')}onmessage = async () => postMessage(await look());`,
  );
  const page = await openPage({
    before: `<script>${LOOK}</script>${polyfill}`,
    worker: `${load('service-worker')}addEventListener('message', (event) => {
      event.waitUntil(look().then((seen) => event.ports[0].postMessage(seen)));
    });`,
  });
  return {
    page,
    inPage: () => page.evaluate(() => self.look()),
    inWorker: () =>
      page.evaluate(
        () =>
          new Promise((resolve, reject) => {
            const worker = new Worker('/worker.js');
            worker.onmessage = ({ data }) => resolve(data);
            worker.onerror = ({ message }) => reject(new Error(message));
            worker.postMessage('');
          }),
      ),
    inServiceWorker: () =>
      page.evaluate(async () => {
        const { active } = await navigator.serviceWorker.ready;
        const { port1, port2 } = new MessageChannel();
        return new Promise((resolve) => {
          port1.onmessage = ({ data }) => resolve(data);
          active.postMessage('', [port2]);
        });
      }),
  };
}

/** The answer of Permissions.query() to all that is not for the polyfill, without the polyfill. */
const NATIVE = LOOK.replace(
  "const ours = await navigator.permissions.query({ name: 'background-fetch' });",
  '',
)
  .replace(/ {2}let changes[^]*?new Event\('change'\)\);\n/, '')
  .replace(/ {4}state:[^]*?changes,\n/, '');

forEachEngine('permissions', ({ engine, test }) => {
  const isNative = engine === 'chromium';
  const places = ['inPage', 'inWorker', 'inServiceWorker'];

  for (const [options, state] of [
    ['', 'granted'],
    ['isPermitted: () => true', 'granted'],
    ['isPermitted: async () => false', 'denied'],
  ]) {
    const skip = isNative && 'its permissions.query() knows the name';
    test(`background-fetch is ${state} with the option "${options}"`, { skip }, async (context) => {
      const all = await openAll(context, options);
      for (const place of places) {
        const seen = await all[place]();
        assert.equal(seen.state, state, place);
        assert.ok(seen.isStatus, place);
        assert.equal(seen.changes, 1, 'it is an event target');
        assert.deepEqual(seen.converted, { state, name: 'background-fetch' });
      }
    });
  }

  test('other names, and what is no query, go to the browser', async (context) => {
    const all = await openAll(context, '');
    await all.page.evaluate((source) => {
      const frame = document.createElement('iframe');
      document.body.append(frame);
      self.native = frame.contentWindow;
      self.native.eval(source);
    }, NATIVE);
    const native = await all.page.evaluate(() => self.native.look());
    assert.match(native.others.unknown.error, /^TypeError/);
    assert.match(native.others.wrongThis.error, /^TypeError/);
    for (const place of places) {
      const { others, shape } = await all[place]();
      // Workers have permissions of their own, and the same errors.
      if (place !== 'inPage') delete others.geolocation;
      assert.deepEqual({ ...native.others, ...others }, native.others, place);
      assert.deepEqual(shape, native.shape, place);
    }
  });

  test('without the permission fetch() rejects, in page and worker', async ({ server, openPage }) => {
    server.file('/one.bin', { size: 1000 });
    const { set, script } = loading('isPermitted: async () => false', 'background-fetch-polyfill');
    const page = await openPage({
      before: `<script>${set}</script><script src="${script}"></script>`,
      worker: `${set}importScripts('/pkg/service-worker.js');
addEventListener('message', (event) => event.waitUntil(
  registration.backgroundFetch.fetch('set', '/one.bin').then(
    () => 'none',
    (error) => [error instanceof DOMException, error.name],
  ).then((error) => event.ports[0].postMessage(error)),
));`,
    });
    const inPage = await page.evaluate(async () => {
      const { backgroundFetch } = await navigator.serviceWorker.ready;
      try {
        await backgroundFetch.fetch('set', '/one.bin');
        return 'none';
      } catch (error) {
        return [error instanceof DOMException, error.name];
      }
    });
    const inWorker = await page.evaluate(async () => {
      const { active } = await navigator.serviceWorker.ready;
      const { port1, port2 } = new MessageChannel();
      return new Promise((resolve) => {
        port1.onmessage = ({ data }) => resolve(data);
        active.postMessage('', [port2]);
      });
    });
    assert.deepEqual(inPage, [true, 'NotAllowedError']);
    assert.deepEqual(inWorker, [true, 'NotAllowedError']);
    assert.equal(server.requests('/one.bin').length, 0);
  });
});
