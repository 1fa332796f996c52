import assert from 'node:assert/strict';
import { openApp, reportOf } from './app.mjs';
import { assertArrived, beginSlowly, untilGoneOn } from './handing-over/steps.mjs';
import { forEachEngine } from './harness.mjs';

/** Longest time in ms between the moment that a page is left and the request of the next one. */
const SOON = 2000;

forEachEngine('handing over in time', ({ engine, test }) => {
  /** The others' drivers end the whole browser only; that is tried by tests/kill. */
  const canCrash = ['chromium', 'webkit'].includes(engine);
  const ways = {
    closed: (page) => page.close(),
    left: (page) => page.goto('about:blank'),
    // Nor does a page that is discarded hear of it.
    ...(canCrash && { crashed: (page) => page.crash() }),
    // Only Chromium's driver can.
    ...(engine === 'chromium' && { frozen: (page) => page.freeze() }),
  };
  for (const [way, leave] of Object.entries(ways)) {
    test(`another page goes on within two seconds when the running one is ${way}`, async (context) => {
      const { server } = context;
      const page = await beginSlowly(context);
      const other = await openApp(context, { again: true });
      await other.evaluate(() => window.app.find('film'));
      const took = await untilGoneOn(context, () => leave(page));
      context.t.diagnostic(`${took.toFixed()} ms`);
      assert.ok(took < SOON, `${took.toFixed()} ms`);
      // WebKit (2.50) reads on for a process that is no more.
      await server.until(() => server.requests('/film')[0].done);
      context.film.update({ throttle: undefined });
      const report = await reportOf(other, 'film');
      assert.equal(report.resultInPage, 'success');
      await assertArrived(other, server, 1);
    });
  }
});
