import assert from 'node:assert/strict';
import {
  assertHashes,
  assertNothingLeft,
  openApp,
  releaseWhenShown,
  reportOf,
  storedReportOf,
} from './app.mjs';
import { forEachEngine } from './harness.mjs';
import { cutWhenSeen } from './server-faults/answers.mjs';

const MIB = 1 << 20;
const PATHS = ['/big.bin', '/middle.bin', '/small.bin'];
const SIZES = { '/big.bin': 24 * MIB, '/middle.bin': 8 * MIB + 1, '/small.bin': 5 };
const TOTAL = Object.values(SIZES).reduce((sum, size) => sum + size, 0);
/**
 * What may be sent twice: what the page had not stored (8 MiB), and what it had not come to read when it ended. Sockets and
 * browser hold little of that, if the page can keep up with the server.
 */
const RESENT_MOST = 16 * MIB;
const THROTTLED = { timeout: 120_000, throttleTotal: 8 * MIB };
/** When the first page ends, and when the second is seen to go on. */
const EARLY = 12 * MIB;
const LATE = 18 * MIB;

function addFiles(server) {
  for (const [path, size] of Object.entries(SIZES)) server.file(path, { size });
}

function begin(page) {
  return page.evaluate((paths) => window.app.fetch('films', paths), PATHS);
}

function untilDownloaded(page, bytes) {
  return page.waitFor({ timeout: 60_000 }, (least) => window.app.state('films').downloaded >= least, bytes);
}

function sentOfFiles(server) {
  return PATHS.reduce((sum, path) => sum + server.sent(path), 0);
}

async function assertArrived(page, server, report) {
  assert.equal(report.type, 'backgroundfetchsuccess');
  assert.deepEqual(report.rejected, []);
  assert.equal(report.downloaded, TOTAL);
  await assertHashes(page, server, 'films', PATHS);
  const sent = sentOfFiles(server);
  assert.ok(sent <= TOTAL + RESENT_MOST, `${((sent - TOTAL) / MIB).toFixed(1)} MiB sent again`);
  await assertNothingLeft(page);
}

const CUT = cutWhenSeen(3 * MIB);

function cutWhenShown(page, server) {
  return releaseWhenShown(page, server, { id: 'films', bytes: CUT.cutAfter, paths: ['/big.bin'] });
}

forEachEngine('resuming', ({ persistent, test }) => {
  test('goes on by itself after a reload', THROTTLED, async (context) => {
    const { server } = context;
    addFiles(server);
    const page = await openApp(context);
    await begin(page);
    await untilDownloaded(page, EARLY);
    await page.reload();
    await page.waitFor(() => window.app);
    const found = await page.evaluate(() => window.app.find('films'));
    assert.ok(found.downloaded >= EARLY, `${found.downloaded} bytes are still there`);
    await untilDownloaded(page, LATE);
    const report = await reportOf(page, 'films');
    assert.equal(report.resultInPage, 'success');
    await assertArrived(page, server, report);
  });

  test('goes on in another page after the first was closed', THROTTLED, async (context) => {
    const { server } = context;
    addFiles(server);
    const first = await openApp(context);
    // Keeps the browser open.
    const other = await context.openPage({ path: '/blank' });
    await begin(first);
    await untilDownloaded(first, EARLY);
    await first.close();
    const second = await openApp(context, { again: true });
    const [report] = await storedReportOf(second, 'films', { timeout: 60_000 });
    await assertArrived(second, server, report);
    await other.close();
  });

  test('goes on in a page that is open beside the one that is closed', THROTTLED, async (context) => {
    const { server } = context;
    addFiles(server);
    const first = await openApp(context);
    const second = await openApp(context, { again: true });
    await begin(first);
    await second.waitFor(() => window.app.find('films'));
    await untilDownloaded(second, EARLY);
    await first.close();
    await untilDownloaded(second, LATE);
    const report = await reportOf(second, 'films', { timeout: 60_000 });
    assert.equal(
      report.resultInPage,
      'success',
      'a page that did not begin it knows before the worker speaks',
    );
    await assertArrived(second, server, report);
  });

  const skip = persistent ? false : 'a private window forgets everything';
  test('goes on after the browser was killed', { ...THROTTLED, skip }, async (context) => {
    const { server } = context;
    addFiles(server);
    const first = await openApp(context);
    await begin(first);
    await untilDownloaded(first, EARLY);
    await context.restartBrowser();
    const second = await openApp(context, { again: true });
    const found = await second.evaluate(() => window.app.find('films'));
    assert.ok(found.downloaded >= EARLY, `${found.downloaded} bytes are still there`);
    const report = await reportOf(second, 'films', { timeout: 60_000 });
    await assertArrived(second, server, report);
  });

  test(
    'goes on after a connection broke, from the byte where it broke',
    { timeout: 60_000 },
    async (context) => {
      const { server } = context;
      server.file('/big.bin', { size: 7 * MIB, script: (_, n) => (n === 0 ? CUT : {}) });
      const page = await openApp(context);
      await page.evaluate(() => window.app.fetch('films', '/big.bin'));
      await cutWhenShown(page, server);
      const report = await reportOf(page, 'films');
      assert.equal(report.type, 'backgroundfetchsuccess');
      await assertHashes(page, server, 'films', ['/big.bin']);
      const [, second] = server.requests('/big.bin');
      assert.match(second.range, /^bytes=\d+-$/);
      assert.ok(server.sent('/big.bin') < 9 * MIB);
    },
  );

  test('takes headers that were cut for no answer', { timeout: 60_000 }, async (context) => {
    const { server } = context;
    const answers = [CUT, { cutHeaders: 'middle' }];
    server.file('/big.bin', { size: 4 * MIB, script: (_, n) => answers[n] ?? {} });
    const empties = [{ cutHeaders: 'middle' }];
    server.file('/small.bin', { size: 5, script: (_, n) => empties[n] ?? {} });
    const page = await openApp(context);
    await page.evaluate(() => window.app.fetch('films', ['/big.bin', '/small.bin']));
    await cutWhenShown(page, server);
    const report = await reportOf(page, 'films');
    assert.equal(report.type, 'backgroundfetchsuccess');
    await assertHashes(page, server, 'films', ['/big.bin', '/small.bin']);
    const [, second, third] = server.requests('/big.bin').filter(({ method }) => method === 'GET');
    assert.equal(third.range, second.range, 'what was stored is not given up');
  });

  const versions = {
    'that answers ranges of the new one': {},
    'that takes the new one for the old': { ignoreIfRange: true },
    'that forgets which one it is': { ignoreIfRange: true, etag: null },
  };
  for (const [kind, answer] of Object.entries(versions)) {
    test(`never mixes two versions of a file, of a server ${kind}`, { timeout: 60_000 }, async (context) => {
      const { server } = context;
      const changed = { seed: 2, etag: '"2"', ...answer };
      const options = { size: 7 * MIB, etag: '"1"', lastModified: null };
      server.file('/big.bin', { ...options, script: (_, n) => (n === 0 ? CUT : changed) });
      server.file('/expected.bin', { size: 7 * MIB, seed: 2 });
      const page = await openApp(context);
      await page.evaluate(() => window.app.fetch('films', '/big.bin'));
      await cutWhenShown(page, server);
      const report = await reportOf(page, 'films');
      assert.equal(report.type, 'backgroundfetchsuccess');
      assert.match(server.requests('/big.bin')[1].range, /^bytes=\d+-$/);
      const hash = await page.evaluate(() => window.app.hash('films', '/big.bin'));
      assert.equal(hash, server.sha256('/expected.bin'));
    });
  }

  for (const [kind, cors] of Object.entries({
    exposed: { origin: '*', expose: ['Content-Range', 'ETag'] },
    hidden: true,
  })) {
    test(`goes on across origins, with its headers ${kind}`, { timeout: 60_000 }, async (context) => {
      const { server } = context;
      server.file('/big.bin', { size: 7 * MIB, cors, script: (_, n) => (n === 0 ? CUT : {}) });
      const page = await openApp(context);
      const url = server.otherUrl('/big.bin');
      await page.evaluate((theirs) => window.app.fetch('films', theirs), url);
      await cutWhenShown(page, server);
      const report = await reportOf(page, 'films');
      assert.equal(report.type, 'backgroundfetchsuccess');
      await assertHashes(page, server, 'films', ['/big.bin'], (path) => server.otherUrl(path));
      assert.ok(server.sent('/big.bin') < 9 * MIB, `${server.sent('/big.bin')} bytes`);
      assert.equal(server.preflights('/big.bin').length, 0);
    });
  }

  test(
    'begins anew where only answers to ranges lack what CORS needs',
    { timeout: 60_000 },
    async (context) => {
      const { server } = context;
      const script = (request, n) => (n === 0 ? CUT : { cors: !request.headers.range });
      server.file('/big.bin', { size: 7 * MIB, cors: true, script });
      const page = await openApp(context);
      const url = server.otherUrl('/big.bin');
      await page.evaluate((theirs) => window.app.fetch('films', theirs), url);
      await cutWhenShown(page, server);
      const report = await reportOf(page, 'films');
      assert.equal(report.type, 'backgroundfetchsuccess');
      assert.ok(
        server.requests('/big.bin').some(({ range }) => range),
        'a range was tried',
      );
      await assertHashes(page, server, 'films', ['/big.bin'], (path) => server.otherUrl(path));
    },
  );

  // The test server speaks HTTP/1.1 only, so the page is told otherwise.
  for (const [protocol, ranges] of [
    ['http/1.1', [null, 'bytes=100000-', null, 'bytes=99936-']],
    ['h2', [null, null]],
  ]) {
    test(`asks about the end of a body without a length that came over ${protocol}`, async (context) => {
      const { server } = context;
      server.file('/chunked', { size: 100_000, script: () => ({ noContentLength: true }) });
      server.file('/gzip', { size: 100_000, script: () => ({ gzip: true }) });
      const tell = `Object.defineProperty(PerformanceResourceTiming.prototype, 'nextHopProtocol', { get: () => '${protocol}' });`;
      const page = await openApp(context, { before: `<script>${tell}</script>` });
      for (const path of ['/chunked', '/gzip']) {
        await page.evaluate((file) => window.app.fetch(file, [file]), path);
        const report = await reportOf(page, path);
        assert.equal(report.type, 'backgroundfetchsuccess');
      }
      const asked = ['/chunked', '/gzip'].flatMap((path) =>
        server.requests(path).map(({ range }) => range ?? null),
      );
      assert.deepEqual(asked, ranges);
    });
  }
});
