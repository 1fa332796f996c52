import assert from 'node:assert/strict';
import { forEachEngine } from './harness.mjs';

/** What is asked in each global; answers are JSON. */
const QUESTIONS = `
const attempt = async (work) => {
  try {
    const { state, name } = await work();
    return { state, name };
  } catch (error) {
    return error.name + ': ' + error.message;
  }
};
const query = (descriptor) => attempt(() => navigator.permissions.query(descriptor));
self.questions = {
  async ours() {
    const status = await navigator.permissions.query({ name: 'background-fetch' });
    let changes = 0;
    status.addEventListener('change', () => (changes += 1));
    status.dispatchEvent(new Event('change'));
    return {
      state: status.state,
      name: status.name,
      // WebKit's service workers do not have the name.
      isStatus: !self.PermissionStatus || status instanceof PermissionStatus,
      isTarget: changes === 1,
      ofConverted: (await query({ name: { toString: () => 'background-fetch' } })).state,
    };
  },
  async others() {
    const { prototype } = Permissions;
    const { writable, enumerable, configurable, value } = Object.getOwnPropertyDescriptor(prototype, 'query');
    return {
      unknown: await query({ name: 'no-such-permission' }),
      nothing: await query(undefined),
      text: await query('background-fetch'),
      nameless: await query({}),
      noArgument: await attempt(() => navigator.permissions.query()),
      wrongThis: await attempt(() => prototype.query.call({}, { name: 'background-fetch' })),
      known: (await query({ name: 'geolocation' })).name,
      shape: [writable, enumerable, configurable, value.name, value.length, Reflect.ownKeys(value).sort()],
    };
  },
  async fetch() {
    const { backgroundFetch } = self.registration ?? (await navigator.serviceWorker.ready);
    return backgroundFetch.fetch('set', '/one.bin').then(
      () => 'permitted',
      (error) => [error instanceof DOMException, error.name],
    );
  },
};
`;

/** A function that asks in a page, a dedicated worker or a service worker, all with these options. */
async function openAsked({ server, openPage }, options) {
  const set = `self.backgroundFetchPolyfill = { force: true, ${options} };`;
  const preamble = (script) => `${QUESTIONS}${set}\nimportScripts('/pkg/${script}.js');\n`;
  const worker = `${preamble('background-fetch-polyfill')}
onmessage = async ({ data }) => postMessage(await questions[data]());`;
  server.page('/worker.js', worker, { type: 'text/javascript' });
  const page = await openPage({
    before: `<script>${QUESTIONS}${set}</script><script src="/pkg/background-fetch-polyfill.js"></script>`,
    worker: `${preamble('service-worker')}
addEventListener('message', (event) => {
  const { data, ports } = event;
  event.waitUntil(questions[data]().then((answer) => ports[0].postMessage(answer)));
});`,
  });
  const ask = {
    window: (question) => self.questions[question](),
    'dedicated worker': (question) =>
      new Promise((resolve, reject) => {
        const started = new Worker('/worker.js');
        started.onmessage = ({ data }) => resolve(data);
        started.onerror = ({ message }) => reject(new Error(message));
        started.postMessage(question);
      }),
    'service worker': async (question) => {
      const { active } = await navigator.serviceWorker.ready;
      const { port1, port2 } = new MessageChannel();
      return new Promise((resolve) => {
        port1.onmessage = ({ data }) => resolve(data);
        active.postMessage(question, [port2]);
      });
    },
  };
  return { page, ask: (place, question) => page.evaluate(ask[place], question) };
}

const PLACES = ['window', 'dedicated worker', 'service worker'];

forEachEngine('permissions', ({ engine, test }) => {
  const skip = engine === 'chromium' && 'its permissions.query() knows the name';
  for (const [options, state] of [
    ['', 'granted'],
    ['isPermitted: () => true', 'granted'],
    ['isPermitted: async () => false', 'denied'],
  ]) {
    test(`background-fetch is ${state} with the options {${options}}`, { skip }, async (context) => {
      const { ask } = await openAsked(context, options);
      for (const place of PLACES) {
        const expected = {
          state,
          name: 'background-fetch',
          isStatus: true,
          isTarget: true,
          ofConverted: state,
        };
        assert.deepEqual(await ask(place, 'ours'), expected, place);
      }
    });
  }

  test('other names, and what is no query, are answered by the browser', async (context) => {
    const { page, ask } = await openAsked(context, '');
    const native = await page.evaluate((source) => {
      const frame = document.createElement('iframe');
      document.body.append(frame);
      frame.contentWindow.eval(source);
      return frame.contentWindow.questions.others();
    }, QUESTIONS);
    assert.match(native.unknown, /^TypeError/);
    assert.match(native.wrongThis, /^TypeError/);
    for (const place of PLACES) assert.deepEqual(await ask(place, 'others'), native, place);
  });

  test('without the permission fetch() is not allowed', async (context) => {
    const { server } = context;
    server.file('/one.bin', { size: 1000 });
    const { ask } = await openAsked(context, 'isPermitted: async () => false');
    for (const place of ['window', 'service worker']) {
      assert.deepEqual(await ask(place, 'fetch'), [true, 'NotAllowedError'], place);
    }
    assert.equal(server.requests('/one.bin').length, 0);
  });
});
