import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { assertHashes, assertNothingLeft, openApp, reportOf, storedReportOf } from './app.mjs';
import { assertArrived, beginSlowly, MIB, SIZE, THROTTLE, untilGoneOn } from './handing-over/steps.mjs';
import { forEachEngine } from './harness.mjs';

/** Remembers whether the page came out of the back/forward cache. */
const REMEMBERS = {
  before: `<script>
    addEventListener('pageshow', ({ persisted }) => (window.wasKept = persisted));
  </script>`,
  // Chromium keeps no page that it must not store.
  headers: { 'Cache-Control': null },
};

/** Until the page is left, a transaction that stores a fetch gets one more request after the other. */
const NEVER_ENDS = `<script>{
  const { put } = IDBObjectStore.prototype;
  let wasLeft = false;
  addEventListener('pagehide', () => (wasLeft = true));
  IDBObjectStore.prototype.put = function (...args) {
    const spin = () => {
      window.isSpinning = true;
      if (!wasLeft) this.get(0).onsuccess = spin;
    };
    if (this.name === 'requests') spin();
    return put.apply(this, args);
  };
}</script>`;

/** As a user follows a link. */
/**
 * Firefox does not keep a page in which a script of the driver waits. So the page is not asked before the next one has told that
 * it is there.
 */
async function leave(page, server) {
  const tells = `<title>elsewhere</title><script>addEventListener('load', () => fetch('/is-elsewhere'));</script>`;
  server.page('/is-elsewhere', '');
  server.page('/elsewhere', `<!doctype html>${tells}`);
  const count = server.requests('/is-elsewhere').length;
  const left = server.url('/elsewhere');
  await page.evaluate((url) => void setTimeout(() => (window.location.href = url)), left);
  await server.until(() => server.requests('/is-elsewhere').length > count);
  await page.waitFor(() => document.title === 'elsewhere');
}

/** WebKit (2.50) may never get there if it is to go back in the first third of a second, and nothing tells when it may. */
const STAY_IN_WEBKIT_MS = 500;

async function comeBack(page) {
  if (page.browser.engine === 'webkit') await delay(STAY_IN_WEBKIT_MS);
  await page.evaluate(() => void setTimeout(() => history.back()));
  await page.waitFor(() => window.app);
}

async function leaveAndComeBack(page, server, whileAway) {
  await leave(page, server);
  await whileAway();
  await comeBack(page);
}

forEachEngine('handing over', ({ engine, test }) => {
  /** On a busy machine, Firefox (153) may end the process of a window that is closed before it fires pagehide. */
  const end = (page, server) => (engine === 'firefox' ? page.goto(server.url('/blank')) : page.close());

  test('the worker goes on when the last page is gone, and handles the event', async (context) => {
    const { server } = context;
    const page = await beginSlowly(context);
    const other = await context.openPage({ path: '/blank' });
    await untilGoneOn(context, () => end(page, server));
    // No page of the app is there: the worker tells nobody, and stores.
    const kept = (name) => caches.open('reports').then(async (cache) => (await cache.keys()).length === name);
    await other.waitFor({ timeout: 20_000 }, kept, 1);
    const again = await openApp(context, { again: true });
    const [report] = await storedReportOf(again, 'film');
    assert.equal(report.type, 'backgroundfetchsuccess');
    await assertArrived(again, server, 1);
  });

  test('a page that is opened takes over from the worker', async (context) => {
    const { server } = context;
    const page = await beginSlowly(context);
    await context.openPage({ path: '/blank' });
    await untilGoneOn(context, () => end(page, server));
    let again;
    await untilGoneOn(context, async () => {
      again = await openApp(context, { again: true });
    });
    await again.evaluate(() => window.app.find('film'));
    context.film.update({ throttle: undefined });
    const report = await reportOf(again, 'film');
    assert.equal(report.resultInPage, 'success');
    await assertArrived(again, server, 2);
  });

  // Firefox (153) looks for locks and connections before it tells the page that it is left.
  const keepsOut = engine === 'firefox' && 'a page with a lock or a connection is not kept';
  test(
    'a page that runs a fetch can be kept in the back/forward cache',
    { skip: keepsOut },
    async (context) => {
      const { server } = context;
      context.film = server.file('/film', { size: SIZE, throttle: THROTTLE });
      const page = await openApp(context, REMEMBERS);
      await page.evaluate(() => window.app.fetch('film', '/film'));
      await page.waitFor((least) => window.app.state('film').downloaded >= least, MIB);
      const count = server.requests('/film').length;
      await leaveAndComeBack(page, server, () => server.until(() => server.requests('/film').length > count));
      assert.equal(await page.evaluate(() => window.wasKept), true);
      await server.until(() => server.requests('/film').length > count + 1);
      context.film.update({ throttle: undefined });
      const report = await reportOf(page, 'film');
      assert.equal(report.resultInPage, 'success');
      await assertArrived(page, server, 2);
    },
  );

  test('a page with nothing to do can be kept, too', async (context) => {
    const { server } = context;
    const page = await openApp(context, REMEMBERS);
    // What is begun when a page loads is through: it has no more transactions than these, which come behind them.
    await page.evaluate(async () => {
      const { backgroundFetch } = await window.app.registration();
      for (let transactions = 0; transactions < 10; transactions += 1) await backgroundFetch.getIds();
    });
    await leaveAndComeBack(page, server, async () => {});
    assert.equal(await page.evaluate(() => window.wasKept), true);
    server.file('/film', { size: MIB });
    await page.evaluate(() => window.app.fetch('film', '/film'));
    await reportOf(page, 'film');
    await assertHashes(page, server, 'film', ['/film']);
  });

  test(
    'a page that comes back from the cache knows what has happened',
    { skip: keepsOut },
    async (context) => {
      const { server } = context;
      context.film = server.file('/film', { size: SIZE, throttle: THROTTLE });
      const running = await openApp(context);
      await running.evaluate(() => window.app.fetch('film', '/film'));
      const page = await openApp(context, { again: true, path: '/watching', ...REMEMBERS });
      await page.evaluate(() => window.app.find('film'));
      await leaveAndComeBack(page, server, async () => {
        context.film.update({ throttle: undefined });
        await reportOf(running, 'film');
      });
      assert.equal(await page.evaluate(() => window.wasKept), true);
      await page.waitFor(() => !window.app.state('film').recordsAvailable);
      await assertArrived(page, server, 0);
    },
  );

  // WebKit (2.50) keeps a page with a transaction on its way, which does not end there.
  test('a page that was left in the middle of a transaction holds nobody up', async (context) => {
    const { server } = context;
    for (const path of ['/film', '/other']) server.file(path, { size: MIB });
    const page = await openApp(context, { ...REMEMBERS, before: REMEMBERS.before + NEVER_ENDS });
    await page.evaluate(() => void (window.fetched = window.app.fetch('film', '/film')));
    await page.waitFor(() => window.isSpinning);
    await leave(page, server);
    const other = await openApp(context, { again: true, path: '/other-page' });
    await other.evaluate(() => window.app.fetch('other', '/other'));
    await reportOf(other, 'other');
    await comeBack(page);
    const wasKept = await page.evaluate(() => window.wasKept);
    // Firefox (153) does not always keep it (11 of 12 times). What it had not stored then was never begun.
    if (engine === 'firefox' && !wasKept) return;
    assert.equal(wasKept, true);
    await page.evaluate(() => window.fetched);
    await reportOf(page, 'film');
    await assertHashes(page, server, 'film', ['/film']);
    await assertNothingLeft(page);
  });

  test('two pages that are opened at once share what nobody runs', async (context) => {
    const { server } = context;
    const page = await beginSlowly(context);
    await page.evaluate(() => window.backgroundFetchPolyfill.pause(window.app.registrations.film));
    await page.goto('about:blank');
    const pages = await Promise.all([1, 2].map(() => openApp(context, { again: true })));
    await Promise.all(pages.map((each) => each.evaluate(() => window.app.find('film'))));
    context.film.update({ throttle: undefined });
    const resumed = await Promise.all(
      pages.map((each) =>
        each.evaluate(() => window.backgroundFetchPolyfill.resume(window.app.registrations.film)),
      ),
    );
    assert.deepEqual(resumed.sort(), [false, true]);
    for (const each of pages) await reportOf(each, 'film');
    assert.equal(server.requests('/film').length, 2);
    await assertArrived(pages[0], server, 1);
  });

  // Until it is activated, every page of its scope waits for it.
  test('a new worker is activated at once, whatever there is to go on with', async ({ server, openPage }) => {
    server.file('/silent', { never: true });
    const page = await openPage({ polyfill: true, worker: '' });
    await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.register('/service-worker.js', { scope: '/other/' });
      await new Promise((resolve) => {
        registration.installing.onstatechange = () => registration.active && resolve();
      });
      await registration.backgroundFetch.fetch('silent', '/silent');
      window.registration = registration;
    });
    await page.waitFor(() => window.registration.active.state === 'activated');
    await page.evaluate(async () => (await window.registration.backgroundFetch.get('silent')).abort());
  });
});
