import assert from 'node:assert/strict';
import { assertHashes, assertNothingLeft, openApp, reportOf } from './app.mjs';
import { forEachEngine } from './harness.mjs';

const MIB = 1 << 20;
const SIZE = 6 * MIB;

async function beginHalf(context) {
  context.film = context.server.file('/film', { size: SIZE, stallAfter: SIZE / 2 });
  const page = await openApp(context);
  await page.evaluate(() => window.app.fetch('film', '/film'));
  await untilDownloaded(page, MIB);
  return page;
}

function untilDownloaded(page, bytes) {
  return page.waitFor((least) => window.app.state('film').downloaded >= least, bytes);
}

function pause(page) {
  return page.evaluate(() => window.backgroundFetchPolyfill.pause(window.app.registrations.film));
}

/** What is left may come. */
function resume(page, { film }) {
  film.update({ stallAfter: undefined });
  return page.evaluate(() => window.backgroundFetchPolyfill.resume(window.app.registrations.film));
}

function isPaused(page) {
  return page.evaluate(() => window.backgroundFetchPolyfill.isPaused(window.app.registrations.film));
}

/** The connection is gone, what it had brought is stored, and no more comes. */
async function assertStandsStill(page, server) {
  await server.until(() => server.requests('/film').every(({ done }) => done));
  await page.waitFor(() => {
    const { downloaded } = window.app.state('film');
    const now = performance.now();
    if (window.quiet?.downloaded !== downloaded) window.quiet = { downloaded, since: now };
    return now - window.quiet.since > 600;
  });
  return page.evaluate(() => window.app.state('film').downloaded);
}

forEachEngine('pausing', ({ engine, persistent, test }) => {
  test('a fetch is paused and resumed by any page, and nothing comes twice', async (context) => {
    const { server } = context;
    const page = await beginHalf(context);
    const other = await openApp(context, { again: true });
    await other.evaluate(() => window.app.find('film'));
    assert.equal(await isPaused(other), false);
    assert.equal(await pause(other), true);
    assert.equal(await pause(page), false, 'it is paused already');
    const stored = await assertStandsStill(page, server);
    assert.ok(stored >= MIB && stored < SIZE);
    for (const each of [page, other]) {
      await each.waitFor(() => window.backgroundFetchPolyfill.isPaused(window.app.registrations.film));
      assert.equal((await each.evaluate(() => window.app.state('film'))).result, '');
    }
    const ids = await page.evaluate(async () => (await window.app.registration()).backgroundFetch.getIds());
    assert.deepEqual(ids, ['film'], 'its id is taken');
    assert.equal(await resume(page, context), true);
    assert.equal(await resume(other, context), false);
    const report = await reportOf(page, 'film');
    assert.equal(report.type, 'backgroundfetchsuccess');
    await assertHashes(page, server, 'film', ['/film']);
    const [, again] = server.requests('/film');
    assert.equal(again.range, `bytes=${stored}-`);
    assert.equal(await isPaused(page), false);
    assert.equal(await pause(page), false, 'it has ended');
    await assertNothingLeft(page);
  });

  test('a paused fetch stays paused when its page is loaded again', async (context) => {
    const { server } = context;
    const page = await beginHalf(context);
    await pause(page);
    const stored = await assertStandsStill(page, server);
    await page.reload();
    await page.waitFor(() => window.app);
    const found = await page.evaluate(() => window.app.find('film'));
    assert.equal(found.downloaded, stored);
    assert.equal(await isPaused(page), true);
    assert.equal(await assertStandsStill(page, server), stored);
    assert.equal(server.requests('/film').length, 1);
    await resume(page, context);
    await reportOf(page, 'film');
    await assertHashes(page, server, 'film', ['/film']);
    await assertNothingLeft(page);
  });

  const skip = persistent ? false : 'a private window forgets everything';
  test('a paused fetch stays paused when the browser was killed', { skip }, async (context) => {
    const { server } = context;
    const page = await beginHalf(context);
    await pause(page);
    const stored = await assertStandsStill(page, server);
    await context.restartBrowser();
    const second = await openApp(context, { again: true });
    const found = await second.evaluate(() => window.app.find('film'));
    assert.equal(found.downloaded, stored);
    assert.equal(await isPaused(second), true);
    assert.equal(server.requests('/film').length, 1);
    await resume(second, context);
    await reportOf(second, 'film');
    await assertHashes(second, server, 'film', ['/film']);
    await assertNothingLeft(second);
  });

  test('a paused fetch can be aborted', async (context) => {
    const page = await beginHalf(context);
    await pause(page);
    assert.equal(await page.evaluate(() => window.app.registrations.film.abort()), true);
    const report = await reportOf(page, 'film');
    assert.equal(report.type, 'backgroundfetchabort');
    assert.equal(await isPaused(page), false);
    await assertNothingLeft(page);
  });

  test('modules export the same, and so does the worker', async (context) => {
    const { server } = context;
    // A response that stalls at its very end would hold up the next one on its connection.
    server.file('/film', { size: SIZE, throttle: 1.5 * MIB });
    const worker = `
      addEventListener('message', (event) => {
        if (event.data?.call) event.waitUntil((async () => {
          const registration = await self.registration.backgroundFetch.get('film');
          const { [event.data.call]: called } = self.backgroundFetchPolyfill;
          event.ports[0].postMessage(await called(registration));
        })());
      });`;
    const page = await openApp(context, { worker });
    await page.evaluate(() => window.app.fetch('film', '/film'));
    await untilDownloaded(page, MIB);
    const inWorker = (name) =>
      page.evaluate(async (call) => {
        const { active } = await window.app.registration();
        const { port1, port2 } = new MessageChannel();
        const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
        active.postMessage({ call }, [port2]);
        return answer;
      }, name);
    assert.equal(await inWorker('pause'), true);
    assert.equal(await inWorker('isPaused'), true);
    await page.waitFor(() => window.backgroundFetchPolyfill.isPaused(window.app.registrations.film));
    assert.equal(await inWorker('resume'), true);
    await page.evaluate(() => window.app.registrations.film.abort());
    const refused = await page.evaluate(async () => {
      const names = [];
      for (const path of ['/pkg/index.mjs', '/pkg/ponyfill.mjs']) {
        const { isPaused, pause, resume } = await import(path);
        for (const call of [pause, resume, async (value) => isPaused(value)]) {
          for (const value of [undefined, {}, new EventTarget()]) {
            names.push(await call(value).catch((error) => error.name));
          }
        }
      }
      return names;
    });
    assert.deepEqual(new Set(refused), new Set(['TypeError']));
    assert.equal(refused.length, 18);
    await assertNothingLeft(page);
  });

  const lacksNative = engine !== 'chromium' && 'it has no native API';
  test(
    'a native background fetch is not paused, and cannot be',
    { skip: lacksNative },
    async ({ server, openPage }) => {
      server.file('/film', { never: true });
      for (const force of [false, true]) {
        const page = await openPage({
          path: `/${force}`,
          before: `<script>
          const { get } = Object.getOwnPropertyDescriptor(ServiceWorkerRegistration.prototype, 'backgroundFetch');
          self.nativeFetch = async (id) => get.call(await navigator.serviceWorker.ready).fetch(id, '/film');
        </script>`,
          polyfill: { force },
          worker: '',
        });
        const seen = await page.evaluate(async (id) => {
          const native = await self.nativeFetch(id);
          const { isPaused, pause, resume } = self.backgroundFetchPolyfill;
          const nameOf = (error) => `${error instanceof DOMException} ${error.name}`;
          const answers = [
            isPaused(native),
            await pause(native).catch(nameOf),
            await resume(native).catch(nameOf),
          ];
          await native.abort();
          return answers;
        }, `film, ${force}`);
        assert.deepEqual(seen, [false, 'true NotSupportedError', 'true NotSupportedError']);
      }
    },
  );
});
