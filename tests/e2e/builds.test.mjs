import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { builtSamples } from './builds/samples.mjs';
import { SAMPLES, startVite } from './builds/tools.mjs';
import { forEachEngine } from './harness.mjs';

const PAGE_INTERFACES = ['BackgroundFetchManager', 'BackgroundFetchRecord', 'BackgroundFetchRegistration'];
const WORKER_INTERFACES = [...PAGE_INTERFACES, 'BackgroundFetchEvent', 'BackgroundFetchUpdateUIEvent'];

/** That the API has its names and nothing else has changed, and that a file comes and its event after it. */
async function assertWorks(page) {
  await page.waitFor(() => self.fetchFile && navigator.serviceWorker.ready.then(Boolean));
  const seen = await page.evaluate((interfaces) => {
    // Drivers and tools have some of their own.
    const isMinified = (name) => name.length < 4;
    const added = Object.getOwnPropertyNames(self).filter((name) => !self.before.includes(name));
    return {
      overwritten: self.short.filter((name) => self[name] !== "the page's"),
      added: added.filter((name) => isMinified(name) || name.startsWith('BackgroundFetch')).sort(),
      names: interfaces.map((name) => self[name]?.name),
    };
  }, PAGE_INTERFACES);
  const added = page.browser.engine === 'chromium' ? [] : PAGE_INTERFACES;
  assert.equal(await page.evaluate(() => self.isPolyfilled()), true);
  assert.deepEqual(seen, { overwritten: [], added, names: PAGE_INTERFACES });
  assert.deepEqual(await page.evaluate(() => self.askWorker()), [true, ...WORKER_INTERFACES]);

  assert.deepEqual(await page.evaluate(() => self.fetchFile()), {
    manager: '[object BackgroundFetchManager]',
    registration: '[object BackgroundFetchRegistration]',
    isPaused: false,
  });
  const event = await page.waitFor(async () => (await caches.match('/event'))?.text());
  assert.equal(event, '[object BackgroundFetchUpdateUIEvent]');
  const size = await page.waitFor(async () => (await (await caches.match('/one.bin'))?.blob())?.size);
  assert.equal(size, 1000);
}

/** What a server that renders pages does: it loads every entry, and asks for nothing. */
const IN_NODE = `
const before = Reflect.ownKeys(globalThis);
const entries = ['', '/ponyfill', '/service-worker', '/background-fetch-polyfill.js', '/service-worker.js'];
const loaded = await Promise.all(entries.map((entry) => import('background-fetch-polyfill' + entry)));
const [{ isPaused }, { backgroundFetchOf, install }] = loaded;
const nameOf = (call) => {
  try {
    return call();
  } catch (error) {
    return error.name;
  }
};
console.log(JSON.stringify({
  added: Reflect.ownKeys(globalThis).filter((key) => !before.includes(key)).map(String),
  answers: [install(), nameOf(() => backgroundFetchOf({})), nameOf(() => isPaused({}))],
}));`;

test('in Node every entry is loaded, and does nothing', async () => {
  const cwd = join(await builtSamples(), 'project');
  const run = promisify(execFile);
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', IN_NODE], { cwd });
  assert.equal(stderr, '');
  assert.deepEqual(JSON.parse(stdout), { added: [], answers: [false, 'TypeError', 'TypeError'] });
});

forEachEngine("in users' builds", ({ test }) => {
  for (const name of Object.keys(SAMPLES)) {
    test(`page and worker work when ${name} has built them`, async ({ server, openPage }) => {
      const directory = join(await builtSamples(), name);
      server.page('/', await readFile(join(directory, 'index.html')));
      server.mount('/', directory);
      server.file('/one.bin', { size: 1000 });
      await assertWorks(await openPage());
    });
  }

  test('page and worker work when Vite serves them in development', async ({ openPage }) => {
    const vite = await startVite(join(await builtSamples(), 'project'));
    try {
      const page = await openPage();
      await page.goto(vite.url);
      await assertWorks(page);
      await page.goto('about:blank');
    } finally {
      await vite.close();
    }
  });
});
