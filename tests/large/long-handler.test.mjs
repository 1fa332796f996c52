import assert from 'node:assert/strict';
import { assertHashes, assertNothingLeft, openApp, reportOf } from '../e2e/app.mjs';
import { forEachEngine } from '../e2e/harness.mjs';

/** Firefox (153) ends a worker after about a minute without a new event. */
const SECONDS = 90;

forEachEngine('long handlers', ({ test }) => {
  test(
    `a handler of ${SECONDS} seconds comes to its end while a page is open`,
    { timeout: 180_000 },
    async (context) => {
      const { server } = context;
      server.file('/film', { size: 3_000_000 });
      const worker = `addEventListener('backgroundfetchsuccess', (event) => {
      self.seen.steps.push('begun');
      event.waitUntil(new Promise((resolve) => setTimeout(resolve, ${SECONDS} * 1000)).then(async () => {
        const [record] = await event.registration.matchAll();
        const response = await record.responseReady;
        self.seen.steps.push('read ' + (await response.blob()).size);
      }));
    });`;
      const page = await openApp(context, { worker });
      await page.evaluate(() => window.app.fetch('film', '/film'));
      await reportOf(page, 'film');
      assert.ok(
        (await page.evaluate(() => window.app.rows())) > 0,
        'everything is there as long as it is handled',
      );
      await page.waitFor({ timeout: (SECONDS + 30) * 1000 }, async () => (await window.app.rows()) === 0);
      const { steps } = await page.evaluate(() => window.app.seenByWorker());
      assert.equal(steps.filter((step) => step === 'begun').length, 1, 'by one worker, once');
      assert.ok(steps.includes('read 3000000'), steps.join());
      await assertHashes(page, server, 'film', ['/film']);
      await assertNothingLeft(page);
    },
  );
});
