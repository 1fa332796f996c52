import assert from 'node:assert/strict';
import { assertNothingLeft, openApp, reportOf } from './app.mjs';
import { forEachEngine } from './harness.mjs';

const MIB = 1 << 20;

/** What the page and the worker do with bodies. */
const READING = `
async function readLive(registration, path, pause = 0) {
  const response = await (await registration.match(path)).responseReady;
  return readBody(registration, response, pause);
}
async function readBody(registration, response, pause = 0) {
  const seen = { status: response.status, url: response.url, resultAtHead: registration.result };
  try {
    const reader = response.body.getReader();
    const parts = [];
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      if (parts.length === 1) self.begun = (self.begun ?? 0) + 1;
      seen.resultAtFirstByte ??= registration.result;
      if (pause) await new Promise((resolve) => setTimeout(resolve, pause));
    }
    const digest = await crypto.subtle.digest('SHA-256', await new Blob(parts).arrayBuffer());
    seen.hash = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  } catch (error) {
    seen.error = error.name;
  }
  return seen;
}
`;

const WORKER = `
${READING}
addEventListener('message', (event) => {
  if (event.data === 'begun') event.ports[0].postMessage(self.begun ?? 0);
  if (event.data?.read) event.waitUntil(
    self.registration.backgroundFetch.get(event.data.id)
      .then((registration) => readLive(registration, event.data.read))
      .then((seen) => event.ports[0].postMessage(seen)));
});
addEventListener('fetch', (event) => {
  const { pathname, searchParams } = new URL(event.request.url);
  if (pathname !== '/live') return;
  event.respondWith(
    self.registration.backgroundFetch.get('films')
      .then((registration) => registration.match(searchParams.get('of')))
      .then((record) => record.responseReady));
});
`;

const open = (context, options) =>
  openApp(context, { before: `<script>${READING}</script>`, worker: WORKER, ...options });

forEachEngine('live bodies', ({ test }) => {
  test('a body is read while it comes in, in any page and in the worker', async (context) => {
    const { server } = context;
    server.file('/film.bin', { size: 7 * MIB, stallAfter: 4 * MIB });
    const first = await open(context);
    await first.evaluate(() => window.app.fetch('films', '/film.bin'));
    const second = await open(context, { again: true });
    await second.evaluate(() => window.app.find('films'));

    const reads = Promise.all([
      first.evaluate(() => window.readLive(window.app.registrations.films, '/film.bin')),
      first.evaluate(() => window.readLive(window.app.registrations.films, '/film.bin')),
      second.evaluate(() => window.readLive(window.app.registrations.films, '/film.bin')),
      second.evaluate(async () => {
        const { active } = await window.app.registration();
        const { port1, port2 } = new MessageChannel();
        active.postMessage({ read: '/film.bin', id: 'films' }, [port2]);
        return new Promise((resolve) => {
          port1.onmessage = ({ data }) => resolve(data);
        });
      }),
    ]);
    await first.waitFor(() => window.begun === 2);
    await second.waitFor(() => window.begun === 1);
    await second.waitFor(async () => {
      const { active } = await window.app.registration();
      const { port1, port2 } = new MessageChannel();
      active.postMessage('begun', [port2]);
      return new Promise((resolve) => {
        port1.onmessage = ({ data }) => resolve(data === 1);
      });
    });
    server.release('/film.bin');
    const seen = await reads;
    const expected = {
      status: 200,
      url: server.url('/film.bin'),
      resultAtHead: '',
      resultAtFirstByte: '',
      hash: server.sha256('/film.bin'),
    };
    for (const one of seen) assert.deepEqual(one, expected);
    assert.equal(server.requests('/film.bin').length, 1, 'one request serves them all');
    await reportOf(first, 'films');
    await assertNothingLeft(first);
  });

  test('the headers are there before the body', async (context) => {
    const { server } = context;
    server.file('/film.bin', { size: MIB, stallAfter: 1, headers: { 'X-Film': 'yes' } });
    const page = await open(context);
    await page.evaluate(() => window.app.fetch('films', '/film.bin'));
    const seen = await page.evaluate(async () => {
      const record = await window.app.registrations.films.match('/film.bin');
      const response = await record.responseReady;
      const { status, ok, type, headers } = response;
      await response.body.cancel();
      return [status, ok, type, headers.get('X-Film'), headers.get('Content-Length')];
    });
    assert.deepEqual(seen, [200, true, 'basic', 'yes', null]);
    server.release('/film.bin');
    assert.equal((await reportOf(page, 'films')).type, 'backgroundfetchsuccess');
    await assertNothingLeft(page);
  });

  test(
    'a slow reader gets all of it, also after the worker is through',
    { timeout: 90_000 },
    async (context) => {
      const { server } = context;
      server.file('/film.bin', { size: 24 * MIB, throttle: 12 * MIB });
      const page = await open(context);
      await page.evaluate(() => window.app.fetch('films', '/film.bin'));
      await page.evaluate(() => {
        window.slow = window.readLive(window.app.registrations.films, '/film.bin', 800);
      });
      await reportOf(page, 'films');
      await page.waitFor(() => !window.app.state('films').recordsAvailable);
      const seen = await page.evaluate(() => window.slow);
      assert.equal(seen.resultAtHead, '');
      assert.equal(seen.error, undefined);
      assert.equal(seen.hash, server.sha256('/film.bin'));
      await assertNothingLeft(page);
    },
  );

  test('nothing is read ahead of its reader', async (context) => {
    const { server } = context;
    server.file('/film.bin', { size: 32 * MIB, throttle: 32 * MIB });
    server.file('/rest.bin', { size: MIB, stallAfter: 0 });
    const page = await open(context);
    await page.evaluate(() => window.app.fetch('films', ['/film.bin', '/rest.bin']));
    await page.evaluate(async () => {
      const { prototype } = ReadableStreamDefaultController;
      const { enqueue } = prototype;
      window.enqueued = 0;
      prototype.enqueue = function counted(piece) {
        window.enqueued += 1;
        return enqueue.call(this, piece);
      };
      const record = await window.app.registrations.films.match('/film.bin');
      const { body } = await record.responseReady;
      window.reader = body.getReader();
      await window.reader.read();
    });
    await page.waitFor(() => window.app.state('films').downloaded === 32 * 2 ** 20);
    assert.equal(await page.evaluate(() => window.enqueued), 1);
    server.release('/rest.bin');
    await reportOf(page, 'films');
    await page.evaluate(() => window.reader.cancel());
    await assertNothingLeft(page);
  });

  test('a response that nobody reads keeps no bytes, and fails when it is read too late', async (context) => {
    const { server } = context;
    server.file('/film.bin', { size: 3 * MIB, stallAfter: MIB });
    const page = await open(context);
    await page.evaluate(() => window.app.fetch('films', '/film.bin'));
    await page.evaluate(async () => {
      const record = await window.app.registrations.films.match('/film.bin');
      window.unread = await record.responseReady;
    });
    server.release('/film.bin');
    assert.equal((await reportOf(page, 'films')).type, 'backgroundfetchsuccess');
    await assertNothingLeft(page);
    const error = await page.evaluate(() =>
      window.unread.body
        .getReader()
        .read()
        .then(String, ({ name }) => name),
    );
    assert.equal(error, 'InvalidStateError');
  });

  test('a reader that leaves lets go of the bytes', async (context) => {
    const { server } = context;
    server.file('/film.bin', { size: MIB, stallAfter: 1000 });
    const page = await open(context);
    await page.evaluate(() => window.app.fetch('films', '/film.bin'));
    await page.evaluate(async () => {
      const record = await window.app.registrations.films.match('/film.bin');
      const { body } = await record.responseReady;
      window.reader = body.getReader();
      await window.reader.read();
      window.waiting = window.reader.read();
      await window.reader.cancel();
      window.left = (await window.waiting).done;
    });
    assert.equal(await page.evaluate(() => window.left), true);
    server.release('/film.bin');
    assert.equal((await reportOf(page, 'films')).type, 'backgroundfetchsuccess');
    await assertNothingLeft(page);
  });

  test('a clone has the same body and the same attributes', async (context) => {
    const { server } = context;
    server.file('/film.bin', { size: 3 * MIB, throttle: 3 * MIB });
    const page = await open(context);
    await page.evaluate(() => window.app.fetch('films', '/film.bin'));
    const [one, other] = await page.evaluate(async () => {
      const registration = window.app.registrations.films;
      const response = await (await registration.match('/film.bin')).responseReady;
      const clone = response.clone();
      return Promise.all([window.readBody(registration, response), window.readBody(registration, clone)]);
    });
    assert.equal(one.hash, server.sha256('/film.bin'));
    assert.equal(one.url, server.url('/film.bin'));
    assert.deepEqual(other, one);
    await reportOf(page, 'films');
    await assertNothingLeft(page);
  });

  test('the worker answers with what comes in', async (context) => {
    const { server } = context;
    server.file('/film.bin', { size: 7 * MIB, throttle: 4 * MIB });
    const page = await open(context);
    await page.goto(server.url('/'));
    await page.waitFor(() => navigator.serviceWorker.controller && window.app);
    await page.evaluate(() => window.app.fetch('films', '/film.bin'));
    const seen = await page.evaluate(async () => {
      const response = await fetch('/live?of=/film.bin');
      return window.readBody(window.app.registrations.films, response);
    });
    assert.equal(seen.resultAtHead, '');
    assert.equal(seen.hash, server.sha256('/film.bin'));
    await reportOf(page, 'films');
    await assertNothingLeft(page);
  });

  test('abort() ends bodies and waiting responses with an AbortError', async (context) => {
    const { server } = context;
    server.file('/film.bin', { size: 7 * MIB, stallAfter: MIB });
    server.file('/silent.bin', { size: MIB, never: true });
    const page = await open(context);
    await page.evaluate(() => window.app.fetch('films', ['/film.bin', '/silent.bin']));
    const seen = await page.evaluate(async () => {
      const registration = window.app.registrations.films;
      const silent = (await registration.match('/silent.bin')).responseReady.catch((error) => error);
      const response = await (await registration.match('/film.bin')).responseReady;
      const read = window.readBody(registration, response);
      await registration.abort();
      const error = await silent;
      return { read: await read, error: [error.name, error instanceof DOMException] };
    });
    assert.equal(seen.read.error, 'AbortError');
    assert.deepEqual(seen.error, ['AbortError', true]);
    await reportOf(page, 'films');
    await assertNothingLeft(page);
  });

  test('a body whose file begins anew ends with a TypeError, and the next one is whole', async (context) => {
    const { server } = context;
    const first = { stallAfter: 3 * MIB };
    const changed = { seed: 2, etag: '"2"', size: 5 * MIB, throttle: 3 * MIB };
    server.file('/film.bin', { size: 7 * MIB, etag: '"1"', script: (_, n) => (n === 0 ? first : changed) });
    server.file('/expected.bin', { size: 5 * MIB, seed: 2 });
    const page = await open(context);
    await page.evaluate(() => window.app.fetch('films', '/film.bin'));
    await page.evaluate(() => {
      window.early = window.readLive(window.app.registrations.films, '/film.bin');
    });
    await page.waitFor(() => window.app.state('films').downloaded === 3 * 2 ** 20);
    await server.stop();
    await server.restart();
    assert.equal((await page.evaluate(() => window.early)).error, 'TypeError');
    const late = await page.evaluate(() => window.readLive(window.app.registrations.films, '/film.bin'));
    assert.equal(late.hash, server.sha256('/expected.bin'));
    await reportOf(page, 'films');
    await assertNothingLeft(page);
  });
});
