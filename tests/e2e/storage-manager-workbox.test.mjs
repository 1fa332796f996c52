import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { build } from 'esbuild';
import { injectManifest } from 'workbox-build';
import { ROOT } from '../../scripts/setup/run.mjs';
import { RANGE_CASES } from '../storage-manager/range-cases.mjs';
import { forEachEngine } from './harness.mjs';
import { openLibrary, serveManifest, storeSet } from './open-library.mjs';

const SIZE = 1000;
/** What Workbox' own plugin does otherwise. */
const WRONG = { 'bytes=0-1999': 416, 'bytes=-5000': 416, 'bytes=1000-': 206 };

/** As an app has it: files by our handler, by a strategy with our plugin, and by Workbox' own range plugin. */
const SOURCE = `
import { precacheAndRoute } from 'workbox-precaching';
import { RangeRequestsPlugin } from 'workbox-range-requests';
import { registerRoute } from 'workbox-routing';
import { CacheFirst, CacheOnly } from 'workbox-strategies';
import { StoredFilesPlugin, storedFileHandler } from './pkg/storage-manager-workbox.mjs';

precacheAndRoute(self.__WB_MANIFEST);
const isBelow = (prefix) => ({ url }) => url.pathname.startsWith(prefix);
registerRoute(isBelow('/by-handler/'), storedFileHandler);
registerRoute(isBelow('/by-plugin/'), new CacheFirst({ cacheName: 'plugin', plugins: [new StoredFilesPlugin()] }));
registerRoute(isBelow('/by-workbox/'), new CacheOnly({ cacheName: 'workbox', plugins: [new RangeRequestsPlugin()] }));
`;

let worker;
let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workbox-'));
  const bundled = join(folder, 'bundled.js');
  await build({
    stdin: { contents: SOURCE, resolveDir: ROOT },
    bundle: true,
    format: 'iife',
    define: { 'process.env.NODE_ENV': '"production"' },
    outfile: bundled,
  });
  await writeFile(join(folder, 'precached.txt'), 'precached');
  const swDest = join(folder, 'sw.js');
  await injectManifest({ swSrc: bundled, swDest, globDirectory: folder, globPatterns: ['*.txt'] });
  worker = await readFile(swDest, 'utf8');
});
after(() => rm(folder, { recursive: true }));

forEachEngine('storage manager with Workbox', ({ test }) => {
  test('a handler and a plugin answer ranges as RFC 9110 says', async (context) => {
    const { server } = context;
    const paths = ['/by-handler/film', '/by-plugin/film'];
    for (const path of paths) server.file(path, { size: SIZE });
    server.file('/precached.txt', { body: 'precached' });
    serveManifest(server, { films: paths });
    // Workbox answers first: the worker's own listener is behind it.
    const page = await openLibrary(context, { first: worker });
    await storeSet(page, 'films');
    await page.evaluate(async (size) => {
      const cache = await caches.open('workbox');
      await cache.put('/by-workbox/film', new Response(new Uint8Array(size)));
    }, SIZE);
    await server.close();
    const cases = RANGE_CASES.filter(([field, size]) => size === SIZE && /^[\x21-\x7e]+$/.test(field));
    const ask = (path, field) =>
      page.evaluate(
        async (url, range) => {
          const response = await fetch(url, { headers: { range } });
          return { status: response.status, length: (await response.arrayBuffer()).byteLength };
        },
        path,
        field,
      );
    for (const [field, , answer] of cases) {
      for (const path of paths) {
        const { status, length } = await ask(path, field);
        const expected = Array.isArray(answer)
          ? [206, answer[1] - answer[0]]
          : [answer, answer === 200 ? SIZE : 0];
        assert.deepEqual([status, length], expected, `${field} by ${path}`);
      }
    }
    for (const [field, status] of Object.entries(WRONG)) {
      assert.equal((await ask('/by-workbox/film', field)).status, status, field);
    }
    assert.equal(await page.evaluate(async () => (await fetch('/precached.txt')).text()), 'precached');
    const cached = await page.evaluate(async () => (await (await caches.open('plugin')).keys()).length);
    assert.equal(cached, 0, 'there is no second copy');
  });
});
