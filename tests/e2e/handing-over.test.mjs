import assert from 'node:assert/strict';
import { assertHashes, assertNothingLeft, openApp, reportOf, storedReportOf } from './app.mjs';
import { forEachEngine } from './harness.mjs';

const MIB = 1 << 20;
const SIZE = 12 * MIB;
/** WebKit gives a worker without pages no more than ten seconds. */
const THROTTLE = 3 * MIB;
/** What may be sent twice for each change of hands. */
const RESENT_MOST = 4 * MIB;

async function beginSlowly(context) {
  context.film = context.server.file('/film', { size: SIZE, throttle: THROTTLE });
  const page = await openApp(context);
  await page.evaluate(() => window.app.fetch('film', '/film'));
  await page.waitFor((least) => window.app.state('film').downloaded >= least, MIB);
  return page;
}

/** Resolves with the milliseconds from now until the next request goes on with the file. */
async function untilGoneOn({ server }, leave) {
  const count = server.requests('/film').length;
  const left = performance.now();
  await leave();
  await server.until(() => server.requests('/film').length > count);
  const next = server.requests('/film')[count];
  assert.match(next.range, /^bytes=\d+-$/);
  return performance.now() - left;
}

async function assertArrived(page, server, changes) {
  await assertHashes(page, server, 'film', ['/film']);
  const sent = server.sent('/film');
  assert.ok(sent <= SIZE + changes * RESENT_MOST, `${((sent - SIZE) / MIB).toFixed(1)} MiB sent again`);
  await assertNothingLeft(page);
}

forEachEngine('handing over', ({ engine, test }) => {
  test('the worker goes on when the last page is closed, and handles the event', async (context) => {
    const { server } = context;
    const page = await beginSlowly(context);
    const other = await context.openPage({ path: '/blank' });
    await untilGoneOn(context, () => page.close());
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
    await untilGoneOn(context, () => page.close());
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

  const ways = {
    closed: (page) => page.close(),
    left: (page) => page.goto('about:blank'),
  };
  for (const [way, leave] of Object.entries(ways)) {
    test(`another page goes on within two seconds when the running one is ${way}`, async (context) => {
      const { server } = context;
      const page = await beginSlowly(context);
      const other = await openApp(context, { again: true });
      await other.evaluate(() => window.app.find('film'));
      const took = await untilGoneOn(context, () => leave(page));
      assert.ok(took < 2000, `${took.toFixed()} ms`);
      context.film.update({ throttle: undefined });
      const report = await reportOf(other, 'film');
      assert.equal(report.resultInPage, 'success');
      await assertArrived(other, server, 1);
    });
  }
});
