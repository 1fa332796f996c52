import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../../scripts/setup/run.mjs';
import { forEachEngine } from './harness.mjs';

const POLYFILL = `self.backgroundFetchPolyfill = { force: true };
importScripts('/pkg/service-worker.js');
`;

/** What an app's worker does by itself: it keeps the messages that it sees, and the events. */
const APP = `
self.messages = [];
addEventListener('message', ({ data, ports }) => {
  if (data === 'messages') ports[0].postMessage(self.messages);
  else self.messages.push(data);
});
addEventListener('install', () => skipWaiting());
addEventListener('backgroundfetchsuccess', (event) => {
  event.waitUntil(caches.open('events').then((cache) => cache.put('/event', new Response('success'))));
});
`;

/** Listeners that are not there before the first message has come, as after an import that is waited for. */
const LATE = `
const native = self.addEventListener;
const late = [];
self.addEventListener = (...args) => void late.push(args);
${POLYFILL}
self.addEventListener = native;
addEventListener('message', () => {
  for (const args of late.splice(0)) addEventListener(...args);
});
`;

/** The first question is lost, and the second one starts the worker again: what runs between is another instance. */
const LOSING = `
let hasLost = false;
addEventListener('message', (event) => {
  if (hasLost || event.data?.['background-fetch-polyfill'] !== 'question') return;
  hasLost = true;
  event.stopImmediatePropagation();
  Object.defineProperty(performance, 'timeOrigin', { get: () => Date.now() });
});
`;

/** A page whose console is kept, and its worker; the worker is not told to activate, so that no message is sent to it. */
async function openWith({ server, openPage }, worker) {
  server.file('/one.bin', { size: 1000 });
  const before = `<script>
    self.said = [];
    for (const level of ['warn', 'error']) console[level] = (...what) => self.said.push(what.join(' '));
    addEventListener('error', ({ message }) => self.said.push(message));
  </script>`;
  const polyfill = { settings: { reminderInterval: 200 } };
  const page = await openPage({ before, polyfill, inPage: true });
  server.page('/service-worker.js', worker, { type: 'text/javascript' });
  await page.evaluate(() => navigator.serviceWorker.register('/service-worker.js'));
  await page.waitFor(async () => (await navigator.serviceWorker.ready).active.state === 'activated');
  return page;
}

async function fetchOne(page, path = '/one.bin') {
  await page.evaluate(async (url) => {
    const { backgroundFetch } = await navigator.serviceWorker.ready;
    await backgroundFetch.fetch(url, url);
  }, path);
}

async function messagesOf(page) {
  return page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    const { port1, port2 } = new MessageChannel();
    return new Promise((resolve) => {
      port1.onmessage = ({ data }) => resolve(data);
      active.postMessage('messages', [port2]);
    });
  });
}

async function untilEvent(page) {
  await page.waitFor(async () => Boolean(await caches.match('/event')));
}

function saidBy(page) {
  return page.evaluate(() => self.said);
}

forEachEngine("the worker's part", ({ test }) => {
  test('a page says once that the worker has not got it, and which line is missing', async (context) => {
    const page = await openWith(context, APP);
    assert.deepEqual(await messagesOf(page), [], 'nobody fetches');
    const begin = performance.now();
    await fetchOne(page);
    await page.waitFor(() => self.said.length > 0);
    const seconds = (performance.now() - begin) / 1000;
    const [said] = await saidBy(page);
    assert.match(said, /service worker of .*\/service-worker\.js\) does not answer/);
    assert.ok(said.includes("importScripts('/service-worker.js')"), said);
    assert.ok(said.includes("import 'background-fetch-polyfill/service-worker'"), said);
    assert.ok(seconds > 3, `${seconds} s: a worker takes its time to start`);

    // A page that is left, and comes back.
    await page.evaluate(() => {
      for (const type of ['pagehide', 'pageshow'])
        dispatchEvent(new PageTransitionEvent(type, { persisted: true }));
    });
    const kinds = (await messagesOf(page)).map((data) => data['background-fetch-polyfill']);
    assert.ok(kinds.length >= 2);
    assert.deepEqual(new Set(kinds), new Set(['question']), 'the app sees nothing else');

    // The author adds the line: the new worker is asked, and told of what the old one has not heard.
    context.server.page('/service-worker.js', POLYFILL + APP, { type: 'text/javascript' });
    await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
    await untilEvent(page);
    assert.deepEqual(await saidBy(page), [said]);
    assert.deepEqual(await messagesOf(page), []);
  });

  for (const reply of ["{ error: 'unknown message' }", 'null']) {
    test(`a worker that replies ${reply} to whatever it is sent has not got it`, async (context) => {
      const replying = `addEventListener('message', ({ ports }) => ports[0]?.postMessage(${reply}));`;
      const page = await openWith(context, replying);
      await fetchOne(page);
      await page.waitFor(() => self.said.length > 0);
      const said = await saidBy(page);
      assert.equal(said.length, 1, said.join('\n'));
      assert.match(said[0], /does not answer/);
    });
  }

  test('a page says that it is loaded too late', async (context) => {
    const page = await openWith(context, LATE + APP);
    await fetchOne(page);
    await untilEvent(page);
    const said = await saidBy(page);
    assert.equal(said.length, 1, said.join('\n'));
    assert.match(said[0], /too late/);
  });

  test('a page says nothing of a worker that was ended with the first question, and has started again', async (context) => {
    const page = await openWith(context, LOSING + POLYFILL + APP);
    await fetchOne(page);
    await untilEvent(page);
    assert.deepEqual(await saidBy(page), []);
  });

  test('a page says that it is of another version', async (context) => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    const script = await readFile(join(ROOT, 'pkg/service-worker.js'), 'utf8');
    assert.equal(script.split(`"${version}"`).length, 2);
    context.server.page('/old.js', script.replace(`"${version}"`, '"0.0.1"'), { type: 'text/javascript' });
    const page = await openWith(context, POLYFILL.replace('/pkg/service-worker.js', '/old.js') + APP);
    await fetchOne(page);
    await untilEvent(page);
    const said = await saidBy(page);
    assert.equal(said.length, 1, said.join('\n'));
    assert.match(said[0], /0\.0\.1/);
    assert.ok(said[0].includes(version));

    context.server.file('/endless.bin', { never: true });
    await fetchOne(page, '/endless.bin');
    await page.goto(context.server.url('/'));
    const saidAgain = await page.waitFor(() => self.said.length > 0 && self.said);
    assert.deepEqual(saidAgain, said, 'said by a page that goes on with a fetch');
    await page.evaluate(async () => {
      const { backgroundFetch } = await navigator.serviceWorker.ready;
      await (await backgroundFetch.get('/endless.bin')).abort();
    });
  });

  test('a page says nothing of one that has it, and the app sees no message', async (context) => {
    const page = await openWith(context, POLYFILL + APP);
    await fetchOne(page);
    await untilEvent(page);
    assert.deepEqual(await saidBy(page), []);
    assert.deepEqual(await messagesOf(page), []);
  });
});
