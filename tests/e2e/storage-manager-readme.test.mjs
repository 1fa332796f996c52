import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { encodeWav } from '../../www/art/wav.mjs';
import { forEachEngine } from './harness.mjs';

const CLI = new URL('../../pkg/manifest/cli.js', import.meta.url).pathname;
const FILES = 200;
const SECONDS = 6;
const RATE = 8000;

/** A file as long as the others, with another sound. */
function song(n) {
  const samples = Float32Array.from(
    { length: SECONDS * RATE },
    (_, at) => Math.sin((at * (n + 20)) / 500) / 4,
  );
  return encodeWav(samples, samples, RATE);
}

/** A folder as a server has it: ten albums. */
async function makeFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'library-'));
  for (let n = 0; n < FILES; n += 1) {
    const album = join(folder, 'media', `album ${n % 10}`);
    await mkdir(album, { recursive: true });
    await writeFile(join(album, `song #${n}.wav`), song(n));
  }
  return folder;
}

/** Serves the folder, as the manifest names its files. */
async function serveFolder(server, folder, { sets }) {
  for (const { url, type } of sets.flatMap(({ files }) => files)) {
    const path = url.split('/').map(decodeURIComponent).join('/');
    server.file(url, { body: await readFile(join(folder, path)), type });
  }
}

/** As README has it, without a bundler. */
const WORKER = `
importScripts('/pkg/storage-manager-worker.js');
backgroundFetchPolyfill.storageManager({ manifest: '/manifest.json' });
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
`;
const PAGE = `
<script type="module">
  import { StorageManager } from '/pkg/storage-manager.mjs';
  const manager = new StorageManager();
  manager.subscribe(() => (window.sets = manager.getSnapshot().sets));
  window.manager = manager;
</script>`;

forEachEngine('from a folder to films offline', ({ test }) => {
  test(
    '200 files of a folder are listed, stored, and play offline',
    { timeout: 180_000 },
    async (context) => {
      const { server } = context;
      const folder = await makeFolder();
      try {
        const manifest = join(folder, 'manifest.json');
        const args = [CLI, join(folder, 'media'), '--base-url', '/media/', '--out', manifest];
        await promisify(execFile)(process.execPath, args);
        const text = await readFile(manifest, 'utf8');
        server.file('/manifest.json', { body: text, type: 'application/json' });
        await serveFolder(server, folder, JSON.parse(text));
        const page = await context.openPage({ worker: WORKER, polyfill: true, html: PAGE });
        await page.waitFor(() => window.sets?.length === 10);
        for (let n = 0; n < 10; n += 1) {
          await page.evaluate((id) => window.manager.store(id), `album ${n}`);
        }
        await page.waitFor({ timeout: 120_000 }, () => window.sets.every(({ state }) => state === 'stored'));
        await server.close();
        const heard = await page.evaluate(async (path) => {
          const audio = new Audio(path);
          audio.preload = 'auto';
          const until = (type) =>
            new Promise((resolve) => audio.addEventListener(type, resolve, { once: true }));
          await until('loadedmetadata');
          audio.currentTime = 4;
          await until('seeked');
          const whole = await (await fetch(path)).arrayBuffer();
          return { duration: audio.duration, position: audio.currentTime, length: whole.byteLength };
        }, '/media/album%207/song%20%23137.wav');
        assert.ok(Math.abs(heard.duration - SECONDS) < 0.1, `${heard.duration} s`);
        assert.ok(Math.abs(heard.position - 4) < 0.2, `at ${heard.position} s`);
        assert.equal(heard.length, song(137).length);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  );
});
