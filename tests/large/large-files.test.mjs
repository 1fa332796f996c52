import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { forEachEngine } from '../e2e/harness.mjs';

const MIB = 1 << 20;
const GIB = 1 << 30;

/** The worker reads the file from the response, as an app does, and tells the hash of every 8 MiB. */
const WORKER = `
const PIECE = 8 << 20;
addEventListener('backgroundfetchsuccess', (event) => event.waitUntil(tell(event)));
addEventListener('backgroundfetchfail', (event) => event.waitUntil(tell(event)));
async function tell({ registration }) {
  const { result, failureReason, downloaded, downloadTotal } = registration;
  const report = { result, failureReason, downloaded, downloadTotal };
  try {
    const [record] = await registration.matchAll();
    report.pieces = await hashes((await record.responseReady).body.getReader());
  } catch (error) {
    report.error = String(error);
  }
  for (const client of await clients.matchAll({ includeUncontrolled: true })) client.postMessage(report);
}
async function hashes(reader) {
  const found = [];
  const piece = new Uint8Array(PIECE);
  let filled = 0;
  const finish = async () => {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', piece.subarray(0, filled)));
    found.push([filled, Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')]);
    filled = 0;
  };
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    for (let rest = value; rest.length > 0;) {
      const taken = rest.subarray(0, PIECE - filled);
      piece.set(taken, filled);
      filled += taken.length;
      rest = rest.subarray(taken.length);
      if (filled === PIECE) await finish();
    }
  }
  if (filled > 0) await finish();
  return found;
}`;

/** Cuts the connection when it comes to the next of these places in the file. */
function cutsAt(places) {
  const rest = [...places];
  return ({ headers }) => {
    const start = Number(/\d+/.exec(headers.range ?? '0')[0]);
    return rest.length > 0 ? { cutAfter: rest.shift() - start } : {};
  };
}

async function begin(url, downloadTotal) {
  window.report = new Promise((resolve) => {
    navigator.serviceWorker.onmessage = ({ data }) => resolve(data);
  });
  window.shown = [];
  const { backgroundFetch } = await navigator.serviceWorker.ready;
  const fetched = await backgroundFetch.fetch('large', url, { downloadTotal });
  fetched.onprogress = () => window.shown.push(fetched.downloaded);
}

function assertContent(server, path, size, pieces) {
  let offset = 0;
  for (const [length, hash] of pieces) {
    const expected = createHash('sha256').update(server.bytes(path, offset, offset + length));
    assert.equal(hash, expected.digest('hex'), `the bytes from ${offset} on`);
    offset += length;
  }
  assert.equal(offset, size);
}

/** What the browser keeps of it at a time, and some room. */
function lackOfRoom(size) {
  const { bavail, bsize } = statfsSync(tmpdir());
  return bavail * bsize < 3 * size ? `needs ${Math.ceil((3 * size) / GIB)} GiB in ${tmpdir()}` : false;
}

forEachEngine('large files', ({ engine, test }) => {
  const tooLarge = engine.startsWith('webkit') ? 'it grants an origin about 1 GiB' : false;
  const add = (name, size, places) => {
    const options = { timeout: 1_200_000, skip: tooLarge || lackOfRoom(size) };
    test(name, options, async ({ server, openPage, t }) => {
      server.file('/large', { size, script: cutsAt(places) });
      const page = await openPage({ polyfill: true, worker: WORKER });
      page.timeout = options.timeout;
      const begun = performance.now();
      await page.evaluate(begin, '/large', size);
      await server.until(() => server.sent('/large') >= size, { timeout: options.timeout });
      const fetched = performance.now();
      const { pieces, ...report } = await page.evaluate(() => window.report);
      const read = performance.now();
      assert.deepEqual(report, {
        result: 'success',
        failureReason: '',
        downloaded: size,
        downloadTotal: size,
      });
      assertContent(server, '/large', size, pieces);
      const shown = await page.evaluate(() => window.shown);
      assert.deepEqual(
        shown,
        shown.toSorted((one, other) => one - other),
        'progress never goes down',
      );
      assert.equal(shown.at(-1), size);

      const starts = server.requests('/large').map(({ range }) => Number(/\d+/.exec(range ?? '0')[0]));
      const sent = server.sent('/large');
      t.diagnostic(`requests from ${starts.join(', ')}; ${sent - size} bytes sent again`);
      t.diagnostic(
        `fetched in ${seconds(fetched - begun)}, stored and read in further ${seconds(read - fetched)}`,
      );
      assert.equal(starts.length, places.length + 1);
      places.forEach((place, index) => {
        const lost = place - starts[index + 1];
        assert.ok(lost >= 0 && lost < 64 * MIB, `${lost} bytes lost at ${place}`);
      });
    });
  };

  add('more than 2^31 bytes come whole, over cuts around them', 2 * GIB + 300 * MIB + 5, [
    GIB + 7,
    2 * GIB - 1,
    2 * GIB + 150 * MIB + 1,
  ]);
  add('more than 2^32 bytes come whole, over cuts around them', 4 * GIB + 300 * MIB + 5, [
    2 * GIB + 3,
    4 * GIB - 1,
    4 * GIB + 150 * MIB + 1,
  ]);
});

function seconds(time) {
  return `${(time / 1000).toFixed(1)} s`;
}
