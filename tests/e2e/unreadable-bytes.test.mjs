import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { assertHashes, assertNothingLeft, openApp, storedReportOf } from './app.mjs';
import { forEachEngine } from './harness.mjs';

const MIB = 1 << 20;

/** Deletes the file of the Blob that WebKit stored last. It moves such files only after it has committed their rows. */
function deleteLastBlob(profile, origin) {
  const { port } = new URL(origin);
  const directory = join(profile, `data/databases/indexeddb/v1/http_localhost_${port}`);
  const all = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const files = all.filter((name) => name.endsWith('.blob'));
  const number = (name) => Number(/(\d+)\.blob$/.exec(name)[1]);
  const last = files.toSorted((a, b) => number(a) - number(b)).at(-1);
  rmSync(join(directory, last));
}

forEachEngine('unreadable bytes', ({ engine, test }) => {
  const skip = engine === 'webkit' ? false : 'only WebKit leaves rows without their Blobs when it is killed';
  test('fetches bytes again whose Blob a crash left out', { timeout: 60_000, skip }, async (context) => {
    const { server } = context;
    server.file('/big.bin', { size: 16 * MIB, throttle: 8 * MIB });
    const page = await openApp(context);
    await page.evaluate(() => window.app.fetch('films', '/big.bin'));
    await page.waitFor((least) => window.app.state('films').downloaded >= least, 4 * MIB);
    const { profile } = context.browser;
    await context.browser.kill();
    const count = server.requests('/big.bin').length;
    deleteLastBlob(profile, server.origin);
    const again = await openApp(context, { again: true });
    const [report] = await storedReportOf(again, 'films');
    assert.equal(report.type, 'backgroundfetchsuccess');
    await assertHashes(again, server, 'films', ['/big.bin']);
    const next = server.requests('/big.bin')[count];
    assert.match(next.range, /^bytes=[1-9]\d*-/, 'what can be read is not given up');
    await assertNothingLeft(again);
  });
});
