/** A user's two files as they were written for Chromium, plus the one line each that loads the polyfill. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { assertNothingLeft } from './app.mjs';
import { forEachEngine } from './harness.mjs';

const FORCE = 'self.backgroundFetchPolyfill = { force: true };';
const PAGE_LINE = '<script src="/pkg/background-fetch-polyfill.js"></script>';
const WORKER_LINE = `importScripts('/pkg/service-worker.js');`;
const FILES = { '/assets/s01e01.mpg': 6_000_000, '/assets/s01e02.mpg': 1_400_153 };
const TOTAL = Object.values(FILES).reduce((sum, size) => sum + size, 0);

const fixture = (name) => readFile(new URL(`article/${name}`, import.meta.url), 'utf8');
const html = await fixture('index.html');
const worker = await fixture('service-worker.js');

/** Puts the user's site on the server; `settings` overrides what the page reads. */
async function open({ server, engine, openPage }, settings = {}) {
  // Only where there is a native API does anything have to be said.
  const force = engine === 'chromium' ? FORCE : '';
  const scripts = force ? `<script>${force}</script>${PAGE_LINE}` : PAGE_LINE;
  server.page(
    '/',
    html.replace('<meta charset="utf-8">', (meta) => `${meta}\n    ${scripts}`),
  );
  server.page('/service-worker.js', `${force}${WORKER_LINE}\n${worker}`);
  for (const [path, size] of Object.entries(FILES)) server.file(path, { size });
  const described = {
    title: 'The series',
    icons: [{ src: '/icon.png', sizes: '192x192', type: 'image/png' }],
    page: '/series.html',
    urls: Object.keys(FILES),
    downloadTotal: TOTAL,
    ...settings,
  };
  server.page('/settings.json', JSON.stringify(described));
  const page = await openPage();
  const source = await page.evaluate(() => Function.prototype.toString.call(BackgroundFetchManager));
  assert.doesNotMatch(source, /\[native code\]/);
  return page;
}

const press = (page) => page.evaluate(() => document.getElementById('store').click());

const message = (page) =>
  page.waitFor({ timeout: 40_000 }, () => document.getElementById('message').textContent);

/** The paths in the cache with their checksums, once there are `count` of them; runs in the page. */
async function cached(count) {
  if (!(await caches.has('series'))) return count === 0 ? [] : null;
  const cache = await caches.open('series');
  const requests = await cache.keys();
  if (requests.length !== count) return null;
  const hex = (buffer) =>
    [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const entries = await Promise.all(
    requests.map(async (request) => {
      const body = await (await cache.match(request)).arrayBuffer();
      return [new URL(request.url).pathname, hex(await crypto.subtle.digest('SHA-256', body))];
    }),
  );
  return entries.sort();
}

forEachEngine('article', ({ test }) => {
  test('stores both files in the cache and shows progress', async (context) => {
    const page = await open(context);
    await press(page);
    assert.equal(await message(page), 'success');
    const progress = await page.evaluate(() => document.getElementById('progress').textContent);
    assert.equal(progress, `${TOTAL} of ${TOTAL}`);
    const entries = await page.waitFor({ timeout: 20_000 }, cached, 2);
    assert.deepEqual(
      entries,
      Object.keys(FILES).map((path) => [path, context.server.sha256(path)]),
    );
    await assertNothingLeft(page);
  });

  test('keeps the good file when the other address is wrong', async (context) => {
    const page = await open(context, { urls: ['/assets/s01e01.avi', '/assets/s01e02.mpg'] });
    await press(page);
    assert.equal(await message(page), 'failure bad-status');
    const entries = await page.waitFor({ timeout: 20_000 }, cached, 1);
    assert.deepEqual(entries, [['/assets/s01e02.mpg', context.server.sha256('/assets/s01e02.mpg')]]);
    await assertNothingLeft(page);
  });

  test('fails with fetch-error on another origin without CORS', async (context) => {
    const urls = [context.server.otherUrl('/assets/s01e01.mpg'), '/assets/s01e02.mpg'];
    const page = await open(context, { urls });
    await press(page);
    assert.equal(await message(page), 'failure fetch-error');
    await page.waitFor({ timeout: 20_000 }, cached, 1);
    await assertNothingLeft(page);
  });

  test('stops when more arrives than was announced', async (context) => {
    const page = await open(context, { urls: ['/assets/s01e01.mpg'], downloadTotal: 1_400_153 });
    await press(page);
    assert.equal(await message(page), 'failure download-total-exceeded');
    // The worker opens the cache before it asks for the files.
    await page.waitFor(() => caches.has('series'));
    await assertNothingLeft(page);
    assert.deepEqual(await page.evaluate(cached, 0), []);
  });

  test('stores nothing after an abort, and refuses a running id', async (context) => {
    const page = await open(context);
    context.server.file('/assets/s01e01.mpg', { size: FILES['/assets/s01e01.mpg'], throttle: 300_000 });
    await press(page);
    await page.waitFor(() => document.getElementById('progress').textContent);
    const refusal = await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      return registration.backgroundFetch.fetch('series', '/assets/s01e02.mpg').then(
        () => null,
        (error) => error.name,
      );
    });
    assert.equal(refusal, 'TypeError');
    const aborted = await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      return (await registration.backgroundFetch.get('series')).abort();
    });
    assert.equal(aborted, true);
    assert.equal(await message(page), 'failure aborted');
    await page.waitFor(() => caches.has('aborted series aborted'));
    assert.equal(await page.evaluate(() => caches.has('series')), false);
    await assertNothingLeft(page);
  });
});
