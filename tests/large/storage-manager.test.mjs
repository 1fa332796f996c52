import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { forEachEngine } from '../e2e/harness.mjs';
import { openLibrary, serveManifest, storeSet } from '../e2e/open-library.mjs';

const MIB = 1 << 20;
const GIB = 1 << 30;
const ROUNDS = 15;

const median = (numbers) => numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)];

/** Milliseconds for a MiB from there on. */
async function timeOf(page, server, start) {
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { time, hash } = await page.evaluate(
      async (from, size) => {
        const begin = performance.now();
        const response = await fetch('/film', { headers: { range: `bytes=${from}-${from + size - 1}` } });
        const bytes = await response.arrayBuffer();
        const taken = performance.now() - begin;
        const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
        return {
          time: taken,
          hash: Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join(''),
        };
      },
      start,
      MIB,
    );
    const expected = createHash('sha256')
      .update(server.bytes('/film', start, start + MIB))
      .digest('hex');
    assert.equal(hash, expected, `from ${start} on`);
    times.push(time);
  }
  return median(times);
}

forEachEngine('storage manager, large', ({ engine, persistent, test }) => {
  const size = engine.startsWith('webkit') ? 512 * MIB : 4 * GIB;
  const skip = persistent ? false : 'a private window keeps bytes in memory';
  const what = `${size / GIB} GiB are kept once, and their end is served as fast as their beginning`;
  test(what, { timeout: 1_800_000, skip }, async (context) => {
    const { server } = context;
    server.file('/film', { size });
    // Hashing in the test's server would take longer than all else.
    serveManifest(server, { films: ['/film'] }, { '/film': { integrity: undefined } });
    const page = await openLibrary(context);
    const usage = () => page.evaluate(async () => (await navigator.storage?.estimate())?.usage ?? 0);
    const before = await usage();
    await storeSet(page, 'films', { timeout: 1_200_000 });
    await page.waitFor(async () => (await window.library.count('fetches')) === 0);
    const used = (await usage()) - before;
    await server.close();
    const [first, last] = [await timeOf(page, server, 0), await timeOf(page, server, size - MIB)];
    console.log(
      `${engine}: the first MiB ${first.toFixed(1)} ms, the last ${last.toFixed(1)} ms, ${used / MIB} MiB used`,
    );
    assert.ok(last < 1.2 * first + 2, `${last} ms, and ${first} ms`);
    if (used > 0) assert.ok(used < 1.1 * size, `${used} bytes are used for ${size}`);
  });
});
