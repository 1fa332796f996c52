import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../scripts/setup/run.mjs';
import { startServer } from '../tests/server/server.mjs';

/** A way may take minutes where the line is slow. */
const WAY_MS = 600_000;

const WORKER = `
addEventListener('install', () => self.skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('backgroundfetchsuccess', (event) => {
  const { registration } = event;
  if (registration.id.startsWith('copy')) event.waitUntil(copy(registration));
});
async function copy(registration) {
  const begin = performance.now();
  const cache = await caches.open('bench');
  for (const record of await registration.matchAll()) await cache.put(record.request, await record.responseReady);
  const ms = performance.now() - begin;
  for (const client of await clients.matchAll()) client.postMessage({ id: registration.id, ms });
}`;
const OPTIONS = 'self.backgroundFetchPolyfill = { force: true };';
const PACKAGE = {
  page: '<script src="/options.js"></script><script src="/pkg/background-fetch-polyfill.js"></script>',
  worker: `importScripts('/options.js', '/pkg/service-worker.js');`,
};

/**
 * A page of its own origin, so that it has nothing that another stores; with the files that a row names.
 *
 * @param {any} browser
 * @param {'package' | 'native' | 'plain'} kind
 * @param {Pick<import('./rows.mjs').Row, 'files' | 'network' | 'throttleTotal'> & { before?: string }} row `before`: a
 *   script that runs before the package's
 * @param {string} engine
 */
export async function openPage(browser, kind, { files, network, throttleTotal, before = '' }, engine) {
  const server = await startServer({ throttleTotal });
  const { page, worker } = kind === 'package' ? PACKAGE : { page: '', worker: '' };
  const size = typeof files.size === 'number' ? files.size : files.size[engine];
  const urls = Array.from({ length: files.count }, (_, index) => `/files/${index}`);
  for (const url of urls) server.file(url, { size, repeats: true, ...network });
  server.page('/options.js', `${OPTIONS}${before}`, { type: 'text/javascript' });
  server.page('/ways.js', await readFile(join(ROOT, 'bench/ways.js')), { type: 'text/javascript' });
  server.page('/worker.js', `${worker}${WORKER}`, { type: 'text/javascript' });
  server.page(
    '/',
    `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">${page}<script src="/ways.js"></script>`,
  );
  const opened = await browser.newPage(server.url('/'));
  opened.timeout = WAY_MS;
  await opened.evaluate(() => navigator.serviceWorker.register('/worker.js'));
  await opened.waitFor(() => navigator.serviceWorker.controller);
  return { page: opened, server, urls, size };
}
