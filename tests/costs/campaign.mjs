/**
 * `npm run test:costs -- [--engine E] [--kind K] [--rounds N] [--starts N] [--before DIRECTORY]`: what the package costs pages
 * and workers that load it, against the same without it, and with the package in another directory, one after the other in
 * the same browser, N times each; and N times in one that was just started. K is part of a kind's name. Prints medians.
 */
import { parseArgs } from 'node:util';
import { findBrowser, PERSISTENT } from '../../scripts/setup/browsers.mjs';
import { SharedBrowser } from '../browsers/shared-browser.mjs';
import { startServer } from '../server/server.mjs';

const OPTIONS = `self.backgroundFetchPolyfill = { force: true };`;

/**
 * What an app's worker does with a navigation. It also says how long the package took to load, by a response: a message to a
 * worker is lost in a WebKit that was just started.
 */
const ANSWERS = `addEventListener('fetch', (event) => {
  const asksForTime = new URL(event.request.url).pathname === '/script-took';
  const isKnown = asksForTime && self.scriptTook !== undefined;
  event.respondWith(isKnown ? new Response(self.scriptTook) : fetch(event.request));
});`;
const CLAIMS = `
addEventListener('install', () => self.skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));`;

const KINDS = {
  'app with a fetch listener': { listener: ANSWERS },
  'app without a fetch listener': { listener: '' },
  'app with a fetch listener, one background fetch pending': { listener: ANSWERS, isPending: true },
};

/** How page and worker load the package; each has a server, therefore an origin, of its own. */
const FORMS = {
  none: { page: '', worker: '' },
  // What the requests alone cost.
  empty: formOf('/empty.js', '/empty.js'),
  light: formOf('/pkg/background-fetch-polyfill.js', '/pkg/service-worker.js'),
  inline: formOf('/pkg/background-fetch-polyfill.inline.js', '/pkg/service-worker.inline.js'),
};

const WITHOUT_PACKAGE = new Set(['none', 'empty']);

function formOf(page, worker) {
  return {
    page: `<script src="/options.js"></script><script src="${page}"></script>`,
    worker: `importScripts('/options.js');
const scriptBegan = performance.now();
importScripts('${worker}');
self.scriptTook = String(performance.now() - scriptBegan);`,
  };
}

function read() {
  const text = /** @type {const} */ ({ type: 'string', multiple: false });
  const { values } = parseArgs({
    options: { engine: text, kind: text, rounds: text, starts: text, before: text },
  });
  const { engine, kind = '', rounds = '15', starts = '5', before } = values;
  if (before) FORMS.before = formOf('/before/background-fetch-polyfill.js', '/before/service-worker.js');
  const engines = engine ? [engine] : PERSISTENT;
  for (const name of engines) {
    const { available, reason } = findBrowser(name);
    if (!available) {
      console.error(`${name}: ${reason}`);
      process.exit(2);
    }
  }
  const kinds = Object.entries(KINDS).filter(([name]) => name.includes(kind));
  return { engines, kinds, rounds: Number(rounds), starts: Number(starts), before };
}

/** A site with its worker. */
async function startSite({ page, worker }, { listener }) {
  const server = await startServer();
  if (before) server.mount('/before', before);
  server.file('/silent', { never: true });
  server.page('/options.js', OPTIONS, { type: 'text/javascript' });
  server.page('/empty.js', '', { type: 'text/javascript' });
  server.page('/', `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">${page}`);
  server.page('/service-worker.js', `${worker}\n${CLAIMS}\n${listener}`);
  return server;
}

async function beginFetch() {
  const { backgroundFetch } = await navigator.serviceWorker.ready;
  await backgroundFetch.fetch('pending', '/silent');
}

async function register() {
  const registration = await navigator.serviceWorker.register('/service-worker.js');
  await navigator.serviceWorker.ready;
  while (!navigator.serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, 20));
  return registration.scope;
}

function timesOfNavigation() {
  const [{ responseStart, loadEventEnd, startTime }] = performance.getEntriesByType('navigation');
  return loadEventEnd > 0 && { answered: responseStart - startTime, loaded: loadEventEnd - startTime };
}

async function timeOfScript() {
  const response = await fetch('/script-took');
  return response.ok ? Number(await response.text()) : undefined;
}

/** `isCold`: the worker has been started for this navigation, and tells of that start. */
async function navigate(browser, server, isCold) {
  const page = await browser.newPage();
  try {
    await page.goto(server.url('/'));
    const times = await page.waitFor(timesOfNavigation);
    return { ...times, script: isCold ? await page.evaluate(timeOfScript) : undefined };
  } finally {
    await page.close();
  }
}

function median(numbers) {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Each form once in each round, in an order that changes; `isCold`: in a browser that was just started. */
async function measure(shared, sites, rounds, isCold) {
  const times = new Map(sites.map(([form]) => [form, { answered: [], loaded: [], script: [] }]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [form, server] of round % 2 ? sites.toReversed() : sites) {
      if (isCold) await shared.restart({ kill: false });
      const seen = await navigate(await shared.running(), server, isCold);
      for (const [name, list] of Object.entries(times.get(form))) list.push(seen[name]);
    }
  }
  return [...times].map(([form, lists]) => [form, ...Object.values(lists).map(median)]);
}

function print(title, rows) {
  console.log(`  ${title}`);
  for (const [form, answered, loaded, script] of rows) {
    const figures = [`first byte ${answered.toFixed(1)} ms`, `load ${loaded.toFixed(1)} ms`];
    // Not of a worker that runs already, or has no listener, nor where WebKit did not let the worker answer.
    if (script !== undefined) figures.push(`the worker loaded it in ${script.toFixed(1)} ms`);
    console.log(`    ${form.padEnd(8)} ${figures.join(', ')}`);
  }
}

/** What is loaded, made and compiled by a page that does nothing. */
async function countOf(browser, server) {
  server.resetCounts();
  const page = await browser.newPage();
  await page.goto(server.url('/'));
  await page.waitFor(timesOfNavigation);
  const databases = await page.evaluate(async () => (await indexedDB.databases()).length);
  await page.close();
  const requests = server.requests().filter(({ path }) => /^\/(pkg|before)\//.test(path));
  const bytes = requests.reduce((sum, { sent }) => sum + sent, 0);
  return `${requests.length} requests of the package, ${bytes} bytes, ${databases} databases`;
}

const { engines, kinds, rounds, starts, before } = read();
for (const engine of engines) {
  console.log(engine);
  const shared = SharedBrowser.of(engine);
  for (const [name, kind] of kinds) {
    const sites = [];
    for (const [form, sources] of Object.entries(FORMS)) sites.push([form, await startSite(sources, kind)]);
    for (const [form, server] of sites) {
      const browser = await shared.running();
      const page = await browser.newPage();
      await page.goto(server.url('/'));
      await browser.registrationStored(await page.evaluate(register));
      if (kind.isPending && !WITHOUT_PACKAGE.has(form)) await page.evaluate(beginFetch);
      await page.close();
      console.log(`  ${name}, ${form}: ${await countOf(browser, server)}`);
    }
    print(`${name}, worker running`, await measure(shared, sites, rounds, false));
    print(`${name}, browser just started`, await measure(shared, sites, starts, true));
    for (const [, server] of sites) await server.close();
  }
  await shared.release();
}
