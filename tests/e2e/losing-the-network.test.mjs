import assert from 'node:assert/strict';
import { assertHashes, assertNothingLeft, openApp, reportOf } from './app.mjs';
import { forEachEngine } from './harness.mjs';

const MIB = 1 << 20;
const SIZE = 6 * MIB;

/** The browser's opinion of the network is the test's. */
const NETWORK = `<script>
window.network = { isThere: true };
Object.defineProperty(navigator, 'onLine', { get: () => network.isThere });
</script>`;

/** So patient that nothing is tried again in the time of a test unless something suggests it. */
const PATIENT = { firstDelay: 600_000, longestDelay: 600_000 };

/** What counts is soon counted. */
const IMPATIENT = { firstDelay: 20, longestDelay: 100, attemptsToConnect: 2, attemptsToResume: 2 };

/** Counts the attempts, of which a server that cannot be reached knows nothing. */
const COUNTING = `<script>
window.attempts = 0;
const native = window.fetch;
window.fetch = (request, init) => {
  if (request.method === 'GET') window.attempts += 1;
  return native.call(window, request, init);
};
</script>`;

/** The engine's timer for looking whether the network is back (OFFLINE_POLL_MILLIS in src/web/network.rs) runs out soon. */
const HASTY = `<script>
const nativeTimeout = window.setTimeout;
window.setTimeout = (work, ms, ...rest) => nativeTimeout(work, ms === 30_000 ? 500 : ms, ...rest);
</script>`;

async function beginSlowly(context, retry, before = NETWORK) {
  const { server } = context;
  context.film = server.file('/film', { size: SIZE, throttle: 1.5 * MIB });
  const page = await openApp(context, { before, polyfill: { settings: { retry } } });
  await page.evaluate(() => window.app.fetch('film', '/film'));
  await page.waitFor((least) => window.app.state('film').downloaded >= least, MIB);
  return page;
}

async function assertArrives(page, { server, film }) {
  film.update({ throttle: undefined });
  const report = await reportOf(page, 'film');
  assert.equal(report.type, 'backgroundfetchsuccess');
  await assertHashes(page, server, 'film', ['/film']);
  assert.ok(server.sent('/film') < 2 * SIZE);
  await assertNothingLeft(page);
}

/** The network is gone, and has been asked for in vain. */
async function loseNetwork(page, server) {
  await page.evaluate(() => {
    window.network.isThere = false;
  });
  await server.stop();
  await page.waitFor(() =>
    fetch('/').then(
      () => false,
      () => true,
    ),
  );
}

async function findNetwork(page, server) {
  await server.restart();
  await page.evaluate(() => {
    window.network.isThere = true;
  });
}

forEachEngine('losing the network', ({ test }) => {
  test('goes on as soon as the network is back, and counts no attempts meanwhile', async (context) => {
    const { server } = context;
    const page = await beginSlowly(context, { ...PATIENT, attemptsToResume: 1 });
    await loseNetwork(page, server);
    assert.equal(await page.evaluate(() => window.app.state('film').result), '');
    await findNetwork(page, server);
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await assertArrives(page, context);
  });

  // Regression: a server that was being restarted ended a fetch within a minute.
  test('a server that cannot be reached is waited for, and every page knows it', async (context) => {
    const { server } = context;
    const file = { size: MIB, throttle: 20 * MIB };
    server.file('/begun', { ...file, stallAfter: MIB / 2 });
    server.file('/film', { size: MIB });
    const settings = { retry: IMPATIENT, stallTime: 1000 };
    const other = await openApp(context, { before: COUNTING, polyfill: { settings } });
    // The one that runs the fetches is the one that is seen: timers of the other may be slow.
    const page = await openApp(context, { again: true, polyfill: { settings } });
    const waits = () => window.backgroundFetchPolyfill.isWaitingForNetwork(window.app.registrations.film);
    await page.evaluate(() => window.app.fetch('film', ['/begun']));
    await page.waitFor((least) => window.app.state('film').downloaded >= least, MIB / 2);
    await other.evaluate(() => window.app.find('film'));
    await server.stop();
    await page.evaluate(() => window.app.fetch('unanswered', '/film'));
    await page.evaluate(() => (window.attempts = 0));
    // More than are counted of both. Private WebKit leaves them without an answer, so that each takes longer.
    await page.waitFor({ timeout: 30_000 }, () => window.attempts > 4);
    for (const one of [page, other]) await one.waitFor(waits);
    server.file('/begun', file);
    await server.restart();
    for (const id of ['film', 'unanswered'])
      assert.equal((await reportOf(page, id)).type, 'backgroundfetchsuccess');
    for (const one of [page, other]) assert.equal(await one.evaluate(waits), false);
    await assertNothingLeft(page);
  });

  // Regression: each look at the page used one up.
  test('an attempt that something suggests is none of those that count', async (context) => {
    const { server } = context;
    server.file('/film', {
      size: MIB,
      script: ({ method }) => (method === 'GET' ? { cutHeaders: true } : {}),
    });
    const retry = { ...PATIENT, attemptsToConnect: 3 };
    const page = await openApp(context, { before: COUNTING, polyfill: { settings: { retry } } });
    await page.evaluate(() => window.app.fetch('film', '/film'));
    await page.evaluate(() => {
      /** @type {[EventTarget, string][]} */
      const events = [
        [window, 'online'],
        [window, 'pageshow'],
        [document, 'visibilitychange'],
      ];
      window.telling = setInterval(() => {
        const [target, type] = events[window.attempts % 3];
        target.dispatchEvent(new Event(type));
      }, 50);
    });
    await page.waitFor({ timeout: 30_000 }, () => window.attempts > 9);
    assert.equal(await page.evaluate(() => window.app.state('film').result), '');
    server.file('/film', { size: MIB });
    assert.equal((await reportOf(page, 'film')).type, 'backgroundfetchsuccess');
    await page.evaluate(() => clearInterval(window.telling));
    await assertNothingLeft(page);
  });

  // Regression: what waited in the browser's queue passed for a server that is silent.
  test(
    "a request that waits for another tab's in the browser's queue is waited for",
    { timeout: 90_000 },
    async (context) => {
      const { server } = context;
      const held = Array.from({ length: 6 }, (_, index) => `/held-${index}`);
      for (const path of held) server.file(path, { size: 80_000, throttle: 10_000 });
      const queued = Array.from({ length: 4 }, (_, index) => `/queued-${index}`);
      for (const path of queued) server.file(path, { size: 10_000 });
      const settings = { stallTime: 500, connections: 6, connectionsPerOrigin: 6 };
      const polyfill = {
        settings: { ...settings, retry: { firstDelay: 10, longestDelay: 50, attemptsToConnect: 3 } },
      };
      const page = await openApp(context, { polyfill });
      const other = await openApp(context, { again: true, polyfill, path: '/other' });
      await page.evaluate((paths) => window.app.fetch('held', paths), held);
      // WebKitGTK 2.50 sends four at a time.
      await server.until(() => held.filter((path) => server.sent(path) > 0).length >= 4);
      await other.evaluate((paths) => window.app.fetch('queued', paths), queued);
      const report = await reportOf(other, 'queued');
      assert.equal(report.type, 'backgroundfetchsuccess');
      assert.equal((await reportOf(page, 'held', { timeout: 45_000 })).type, 'backgroundfetchsuccess');
      const [first] = queued.flatMap((path) =>
        server.requests(path).filter(({ method }) => method === 'GET'),
      );
      // As silence this would be too much for three attempts, of 0.5, 1 and 2 s.
      assert.ok(first.at - server.requests(held[0])[0].at > 4500, 'they had to wait');
      await assertNothingLeft(page);
    },
  );

  test('looks for itself where nothing tells that the network is back', async (context) => {
    const { server } = context;
    const page = await beginSlowly(context, { ...PATIENT, attemptsToResume: 1 }, NETWORK + HASTY);
    await loseNetwork(page, server);
    const count = server.requests('/film').length;
    await findNetwork(page, server);
    await server.until(() => server.requests('/film').length > count);
    await assertArrives(page, context);
  });

  for (const [what, name] of Object.entries({
    'the network is back': 'online',
    'the page is shown': 'visibilitychange',
  })) {
    test(`a break is over when ${what}`, async (context) => {
      const { server } = context;
      const page = await beginSlowly(context, PATIENT);
      await server.stop();
      const count = server.requests('/film').length;
      await server.restart();
      // Time and again: the page may not have come to its break yet.
      await page.evaluate((type) => {
        const target = type === 'online' ? window : document;
        window.telling = setInterval(() => target.dispatchEvent(new Event(type)), 50);
      }, name);
      await server.until(() => server.requests('/film').length > count);
      await page.evaluate(() => clearInterval(window.telling));
      await assertArrives(page, context);
    });
  }
});
