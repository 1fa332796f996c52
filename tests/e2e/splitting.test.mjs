import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { assertHashes, assertNothingLeft, openApp, reportOf } from './app.mjs';
import { forEachEngine } from './harness.mjs';

const MIB = 1 << 20;
const SIZE = 12 * MIB;
/** A connection alone takes 8 s. */
const FILM = { size: SIZE, throttle: 1.5 * MIB };
/**
 * Browsers allow six connections to a host over HTTP/1.1, of which the page keeps two. One that was given up may still be open
 * when another begins.
 */
const MOST_CONNECTIONS = 5;
/** Those of a website beyond the first of each file, and one that was given up. */
const MOST_SLOTS = 4;

const isOfPart = ({ range }) => /^bytes=\d+-\d+$/.test(range ?? '');

function partsOf(server, path = '/film') {
  return server.requests(path).filter((request) => isOfPart(request) && request.status === 206);
}

/** Waits until two parts are on their way, and the fetch has so many bytes. */
async function untilSplit(page, server, bytes = 2 * MIB) {
  await server.until(() => partsOf(server).length >= 2);
  await page.waitFor((least) => window.app.state('film').downloaded >= least, bytes);
}

async function assertArrived(page, server, paths = ['/film']) {
  const report = await reportOf(page, 'film');
  assert.deepEqual([report.type, report.resultInPage], ['backgroundfetchsuccess', 'success']);
  await assertHashes(page, server, 'film', paths);
  await assertNothingLeft(page);
}

/** What of a file came more than once. */
function assertResentAtMost(server, bytes, size = SIZE) {
  const sent = server.sent('/film');
  assert.ok(sent <= size + bytes, `${((sent - size) / MIB).toFixed(1)} MiB sent again`);
}

forEachEngine('splitting', ({ test }) => {
  test('a large file comes in over several connections', async (context) => {
    const { server } = context;
    server.file('/film', FILM);
    const page = await openApp(context);
    await page.evaluate(() => window.app.fetch('film', '/film', { downloadTotal: 12 << 20 }));
    let most = 0;
    await server.until(() => {
      const open = server.requests('/film').filter(({ done }) => !done);
      most = Math.max(most, open.length);
      return server.sent('/film') >= SIZE && open.length === 0;
    });
    assert.ok(most > 1 && most <= MOST_CONNECTIONS, `${most} connections at a time`);
    await assertArrived(page, server);
    const shown = await page.evaluate(() => window.app.progress.film.map(({ downloaded }) => downloaded));
    const sorted = shown.toSorted((one, other) => one - other);
    assert.deepEqual(shown, sorted, 'what is shown only grows');
    assert.equal(shown.at(-1), SIZE);
    // What the first connection had on its way when it came to where another had begun.
    assertResentAtMost(server, 4 * MIB);
  });

  test('what was fetched ahead is not fetched again after a reload', async (context) => {
    const { server } = context;
    const film = server.file('/film', FILM);
    const page = await openApp(context);
    await page.evaluate(() => window.app.fetch('film', '/film'));
    await untilSplit(page, server, SIZE / 2);
    await page.reload();
    await page.waitFor(() => window.app);
    const found = await page.evaluate(() => window.app.find('film'));
    assert.ok(found.downloaded >= SIZE / 2, `${found.downloaded} bytes are still there`);
    film.update({ throttle: undefined });
    await assertArrived(page, server);
    assertResentAtMost(server, 8 * MIB);
  });

  test('two large files share the connections', async (context) => {
    const { server } = context;
    const paths = ['/film', '/other'];
    for (const path of paths) server.file(path, FILM);
    const page = await openApp(context);
    await page.evaluate((urls) => window.app.fetch('film', urls), paths);
    let most = 0;
    await server.until(() => {
      const requests = paths.flatMap((path) => server.requests(path));
      most = Math.max(most, requests.filter(({ done }) => !done).length);
      return paths.every((path) => server.sent(path) >= SIZE);
    });
    assert.ok(most > 2 && most <= MOST_CONNECTIONS, `${most} connections at a time`);
    await assertArrived(page, server, paths);
  });

  test('pages share the connections beyond the first of each file', async (context) => {
    const { server } = context;
    const paths = ['/film', '/other'];
    const pages = [];
    for (const path of paths) {
      server.file(path, FILM);
      const page = await openApp(context);
      await page.evaluate((url) => window.app.fetch(url, url), path);
      pages.push(page);
    }
    let most = 0;
    await server.until(() => {
      const requests = paths.flatMap((path) => server.requests(path));
      most = Math.max(most, requests.filter(({ done }) => !done).length);
      return paths.every((path) => server.sent(path) >= SIZE);
    });
    assert.ok(most > 3 && most <= 2 + MOST_SLOTS, `${most} connections at a time`);
    for (const [number, page] of pages.entries()) {
      const report = await reportOf(page, paths[number]);
      assert.equal(report.type, 'backgroundfetchsuccess');
    }
    await assertNothingLeft(pages[0]);
  });

  test('a file of another origin is split, too, where its parts show that they are of it', async (context) => {
    const { server } = context;
    const cors = { expose: ['ETag', 'Content-Range'] };
    server.file('/film', { ...FILM, cors });
    const page = await openApp(context);
    const url = server.otherUrl('/film');
    await page.evaluate((address) => window.app.fetch('film', address), url);
    await untilSplit(page, server);
    const report = await reportOf(page, 'film');
    assert.equal(report.type, 'backgroundfetchsuccess');
    const hash = await page.evaluate((address) => window.app.hash('film', address), url);
    assert.equal(hash, server.sha256('/film'));
    assert.equal(server.requests('/film')[1].range, 'bytes=1-64');
    assert.ok(
      server.requests('/film').every(({ method }) => method === 'GET'),
      'no permission is asked for',
    );
    assertResentAtMost(server, 4 * MIB);
  });

  test('one whose parts are of its code, which is hidden, is not split', async (context) => {
    const { server } = context;
    const film = randomBytes(SIZE);
    // As a store answers that keeps the code, and not the file.
    const code = gzipSync(film, { level: 1 });
    const headers = { 'Content-Encoding': 'gzip' };
    const cors = { expose: ['ETag', 'Content-Range'] };
    server.file('/film', { body: code, headers, cors, throttle: 4 * MIB });
    const page = await openApp(context);
    const url = server.otherUrl('/film');
    await page.evaluate((address) => window.app.fetch('film', address), url);
    const report = await reportOf(page, 'film');
    assert.equal(report.type, 'backgroundfetchsuccess');
    const hash = await page.evaluate((address) => window.app.hash('film', address), url);
    assert.equal(hash, createHash('sha256').update(film).digest('hex'));
    const ranges = server.requests('/film').map(({ range }) => range);
    // The whole comes once more: this code is longer than the film, so the first seemed to be truncated.
    assert.deepEqual(ranges.filter(Boolean), ['bytes=1-64']);
  });

  test('the body is read in its order while parts of it come in', async (context) => {
    const { server } = context;
    server.file('/film', FILM);
    const page = await openApp(context);
    await page.evaluate(async () => {
      await window.app.fetch('film', '/film');
      const record = await window.app.registrations.film.match('/film');
      const response = await record.responseReady;
      window.digest = response.arrayBuffer().then((body) => crypto.subtle.digest('SHA-256', body));
    });
    await untilSplit(page, server);
    const hash = await page.evaluate(async () => {
      const bytes = new Uint8Array(await window.digest);
      return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    });
    assert.equal(hash, server.sha256('/film'));
    await assertArrived(page, server);
  });

  test('integrity is that of the whole file', async (context) => {
    const { server } = context;
    server.file('/film', FILM);
    const page = await openApp(context);
    const integrity = `sha256-${Buffer.from(server.sha256('/film'), 'hex').toString('base64')}`;
    await page.evaluate(
      (value) => window.app.fetch('film', new Request('/film', { integrity: value })),
      integrity,
    );
    await untilSplit(page, server);
    await assertArrived(page, server);
  });

  test('a part of another version is not taken', async (context) => {
    const { server } = context;
    const other = { etag: '"other"', seed: 'other' };
    server.file('/film', {
      ...FILM,
      ignoreIfRange: true,
      script: ({ headers }) => (headers.range ? other : {}),
    });
    const page = await openApp(context);
    await page.evaluate(() => window.app.fetch('film', '/film'));
    await assertArrived(page, server);
    assert.ok(partsOf(server).length >= 1, 'one was asked for');
    assert.equal(server.requests('/film')[0].sent, SIZE);
  });

  for (const status of [429, 503]) {
    test(`a server that answers ${status} to parts is asked for no more`, async (context) => {
      const { server } = context;
      server.file('/film', { ...FILM, script: ({ headers }) => (headers.range ? { status } : {}) });
      const page = await openApp(context);
      await page.evaluate(() => window.app.fetch('film', '/film'));
      await assertArrived(page, server);
      assert.equal(server.requests('/film').filter(isOfPart).length, 1);
      assert.equal(server.requests('/film')[0].sent, SIZE);
    });
  }

  test('a server that takes no ranges is not asked for parts', async (context) => {
    const { server } = context;
    server.file('/film', { ...FILM, headers: { 'Accept-Ranges': 'none' }, throttle: 4 * MIB });
    const page = await openApp(context);
    await page.evaluate(() => window.app.fetch('film', '/film'));
    await assertArrived(page, server);
    assert.equal(server.requests('/film').length, 1);
  });

  test('an abort ends all of its requests', async (context) => {
    const { server } = context;
    server.file('/film', FILM);
    const page = await openApp(context);
    await page.evaluate(() => window.app.fetch('film', '/film'));
    await untilSplit(page, server);
    await page.evaluate(() => window.app.registrations.film.abort());
    await server.until(() => server.requests('/film').every(({ done }) => done));
    const report = await reportOf(page, 'film');
    assert.equal(report.type, 'backgroundfetchabort');
    await assertNothingLeft(page);
    assert.ok(server.sent('/film') < SIZE);
  });

  test('a file of less than 8 MiB is not split', async (context) => {
    const { server } = context;
    server.file('/film', { size: 6 * MIB, throttle: 3 * MIB });
    const page = await openApp(context);
    await page.evaluate(() => window.app.fetch('film', '/film'));
    await assertArrived(page, server);
    assert.equal(server.requests('/film').length, 1);
  });
});
