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

async function beginSlowly(context, retry) {
  const { server } = context;
  context.film = server.file('/film', { size: SIZE, throttle: 1.5 * MIB });
  const page = await openApp(context, { before: NETWORK, polyfill: { settings: { retry } } });
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
    network.isThere = false;
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
    network.isThere = true;
  });
}

forEachEngine('losing the network', ({ engine, test }) => {
  test('goes on as soon as the network is back, and counts no attempts meanwhile', async (context) => {
    const { server } = context;
    const page = await beginSlowly(context, { ...PATIENT, attemptsToResume: 1 });
    await loseNetwork(page, server);
    assert.equal(await page.evaluate(() => window.app.state('film').result), '');
    await findNetwork(page, server);
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await assertArrives(page, context);
  });

  // Half a minute, by a timer that is the same in all of them.
  const skip = engine === 'chromium' ? false : 'tried in Chromium';
  test('looks for itself where nothing tells that the network is back', { skip }, async (context) => {
    const { server } = context;
    const page = await beginSlowly(context, { ...PATIENT, attemptsToResume: 1 });
    await loseNetwork(page, server);
    await findNetwork(page, server);
    const count = server.requests('/film').length;
    await server.until(() => server.requests('/film').length > count, { timeout: 45_000 });
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
      await server.restart();
      const count = server.requests('/film').length;
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
