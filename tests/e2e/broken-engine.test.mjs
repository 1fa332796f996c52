import assert from 'node:assert/strict';
import { assertHashes, assertNothingLeft, openApp, reportOf, storedReportOf } from './app.mjs';
import { forEachEngine } from './harness.mjs';

const MIB = 1 << 20;
const SIZE = 4 * MIB;
const THROTTLE = 2 * MIB;
/** What may be sent twice for each engine that broke off. */
const RESENT_MOST = 4 * MIB;

/**
 * After `breakNext()` the next call of a function of the browser's throws, which no script expects: who called it is left in
 * the middle, as it is by a trap, or where Firefox stops a script.
 */
function makeBreakable(name, owner) {
  const object = owner ? self[owner] : self;
  const native = object[name];
  let isArmed = false;
  object[name] = (...args) => {
    if (!isArmed) return native.apply(object, args);
    isArmed = false;
    throw new Error('broken');
  };
  self.breakNext = () => (isArmed = true);
  self.escaped = [];
  self.addEventListener('error', ({ message }) => self.escaped.push(message));
  self.addEventListener('unhandledrejection', ({ reason }) => self.escaped.push(String(reason)));
}

/** The app itself sets no timer. */
const WORKER = `
(${makeBreakable})('setTimeout');
addEventListener('message', ({ data }) => data === 'break' && self.breakNext());`;

/** A fetch of which half may come until the server releases it. */
/**
 * @param {any} context
 * @param {{ name?: string, owner?: string, throttle?: number, polyfill?: object }} [options]
 */
async function begin(context, { name = 'now', owner = 'Date', throttle = THROTTLE, ...options } = {}) {
  const { server } = context;
  context.film = server.file('/film', { size: SIZE, throttle, stallAfter: SIZE / 2 });
  const page = await openApp(context, options);
  await page.evaluate(makeBreakable, name, owner);
  await page.evaluate(() => window.app.fetch('film', '/film'));
  await page.waitFor((least) => window.app.state('film').downloaded >= least, MIB);
  return page;
}

/** With what comes next. */
async function breakOff(page, server) {
  await page.evaluate(() => window.breakNext());
  server.release('/film');
}

async function assertArrived(page, server, breaks) {
  await assertHashes(page, server, 'film', ['/film']);
  const sent = server.sent('/film');
  assert.ok(sent <= SIZE + breaks * RESENT_MOST, `${((sent - SIZE) / MIB).toFixed(1)} MiB sent again`);
  await assertNothingLeft(page);
  // Neither locks nor connections are left behind by the engines before.
  await page.waitFor(async () => {
    const { held, pending } = await navigator.locks.query();
    return held.length + pending.length === 0;
  });
}

forEachEngine('broken engine', ({ test }) => {
  test('a page whose engine breaks off goes on with another', async (context) => {
    const { server } = context;
    const page = await begin(context);
    const count = server.requests('/film').length;
    await breakOff(page, server);
    await server.until(() => server.requests('/film').length > count);
    assert.match(server.requests('/film')[count].range, /^bytes=\d+-$/);
    const report = await reportOf(page, 'film');
    assert.equal(report.resultInPage, 'success');
    const shown = await page.evaluate(() => window.app.progress.film.map(({ downloaded }) => downloaded));
    assert.deepEqual(
      shown,
      shown.toSorted((one, other) => one - other),
      'what was shown only grows',
    );
    assert.equal(shown.at(-1), SIZE);
    await assertArrived(page, server, 1);
    // What broke it, and who called it before it was replaced, but not who calls it ever after.
    const escaped = await page.evaluate(() => window.escaped);
    assert.ok(escaped.length >= 1 && !escaped.some((message) => message.includes('previous')), `${escaped}`);
  });

  // The engine is broken without being in the middle of anything: its tasks are not called any more.
  test('so does one whose engine only sleeps', async (context) => {
    const { server } = context;
    const page = await begin(context, { name: 'queueMicrotask', owner: null });
    const count = server.requests('/film').length;
    await breakOff(page, server);
    await server.until(() => server.requests('/film').length > count);
    await reportOf(page, 'film');
    // It may be found out after the last byte has come in.
    await assertArrived(page, server, 2);
  });

  test('what is read of a response ends with the engine, and can be read again', async (context) => {
    const { server } = context;
    const page = await begin(context);
    await page.evaluate(async () => {
      const record = await window.app.registrations.film.match('/film');
      const response = await record.responseReady;
      window.text = response.text().then(
        () => 'read',
        (error) => error.name,
      );
    });
    await breakOff(page, server);
    const outcome = await page.evaluate(async () => {
      const first = await window.text;
      const { request, responseReady } = await window.app.registrations.film.match('/film');
      const again = await (await responseReady).arrayBuffer();
      return { first, url: request.url, length: again.byteLength };
    });
    // Chromium (156) makes a TypeError of whatever a stream fails with.
    assert.ok(['AbortError', 'TypeError'].includes(outcome.first), outcome.first);
    assert.deepEqual([outcome.url, outcome.length], [server.url('/film'), SIZE]);
    await reportOf(page, 'film');
    await assertArrived(page, server, 1);
  });

  test('it does so time and again', async (context) => {
    const { server } = context;
    // Slow enough that it is not through before the third.
    const page = await begin(context, { throttle: MIB / 2 });
    for (let breaks = 0; breaks < 3; breaks += 1) {
      const count = server.requests('/film').length;
      await breakOff(page, server);
      await server.until(() => server.requests('/film').length > count);
    }
    context.film.update({ throttle: undefined });
    await reportOf(page, 'film');
    await assertArrived(page, server, 3);
  });

  test('what was asked of an engine that breaks off is rejected, and can be asked again', async (context) => {
    const { server } = context;
    const page = await begin(context);
    const answers = await page.evaluate(async () => {
      const { film } = window.app.registrations;
      window.breakNext();
      const names = [];
      // Whichever of these looks at the clock: none of them hangs.
      for (const ask of [
        () => film.matchAll(),
        () => film.match('/film').then((record) => record.responseReady),
        () => window.app.fetch('other', '/other'),
        () => window.backgroundFetchPolyfill.pause(film),
        () => window.backgroundFetchPolyfill.resume(film),
      ]) {
        names.push(
          await ask().then(
            () => 'answered',
            (error) => error.name,
          ),
        );
      }
      return names;
    });
    assert.ok(
      answers.every((answer) => ['answered', 'AbortError'].includes(answer)),
      `${answers}`,
    );
    server.release('/film');
    const again = await page.evaluate(async () => (await window.app.registrations.film.matchAll()).length);
    assert.equal(again, 1);
    await reportOf(page, 'film');
    await assertHashes(page, server, 'film', ['/film']);
  });

  test('another page can have what it held', async (context) => {
    const { server } = context;
    const page = await begin(context);
    const other = await openApp(context, { again: true, path: '/other-page' });
    await other.evaluate(() => window.app.find('film'));
    await breakOff(page, server);
    const report = await reportOf(other, 'film');
    assert.equal(report.resultInPage, 'success');
    await assertArrived(other, server, 1);
    // The database, too, is not kept open by it.
    const deleted = await other.evaluate(
      () =>
        new Promise((resolve) => {
          const request = indexedDB.deleteDatabase('background-fetch');
          request.onsuccess = () => resolve('deleted');
          request.onerror = () => resolve('failed');
        }),
    );
    assert.equal(deleted, 'deleted');
  });

  test('an event whose worker breaks off comes all the same', async (context) => {
    const { server } = context;
    server.file('/film', { size: MIB, stallAfter: MIB - 1000 });
    const polyfill = { settings: { reminderInterval: 1000 } };
    const page = await openApp(context, { worker: WORKER, polyfill });
    await page.evaluate(() => window.app.fetch('film', '/film'));
    await page.waitFor(() => window.app.state('film').downloaded > 0);
    await page.evaluate(async () => {
      const { active } = await window.app.registration();
      active.postMessage('break');
      await window.app.seenByWorker();
    });
    server.release('/film');
    await storedReportOf(page, 'film');
    await assertHashes(page, server, 'film', ['/film']);
    await assertNothingLeft(page);
  });

  test("the app's own errors change nothing", async (context) => {
    const { server } = context;
    const page = await begin(context);
    const count = server.requests('/film').length;
    await page.evaluate(() => {
      window.app.registrations.film.addEventListener('progress', () => {
        throw new Error('a mistake in a listener');
      });
    });
    server.release('/film');
    await reportOf(page, 'film');
    assert.equal(server.requests('/film').length, count);
    await assertArrived(page, server, 0);
  });

  test('a page that is not left after all goes on', async (context) => {
    const { server } = context;
    // Firefox (153) stops scripts wherever they are, as soon as the user goes to another address, and ends the page's
    // requests, about which it may say nothing.
    const page = await begin(context, { polyfill: { settings: { stallTime: 2000 } } });
    server.release('/film');
    server.file('/nothing', { status: 204 });
    for (let times = 0; times < 20; times += 1) {
      const count = server.requests('/nothing').length;
      await page.evaluate(() => void setTimeout(() => (window.location.href = '/nothing')));
      await server.until(() => server.requests('/nothing').length > count);
    }
    const report = await reportOf(page, 'film');
    assert.equal(report.resultInPage, 'success');
    await assertHashes(page, server, 'film', ['/film']);
    await assertNothingLeft(page);
  });
});
