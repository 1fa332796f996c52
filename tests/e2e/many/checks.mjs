import assert from 'node:assert/strict';
import { assertNothingLeft } from '../app.mjs';

/** The worker reads every body, and says how long that took. Fetches of one request are told by their ids alone. */
const WORKER = `
addEventListener('backgroundfetchsuccess', (event) => event.waitUntil(read(event.registration)));
addEventListener('backgroundfetchfail', ({ registration: { id, failureReason } }) => tell({ id, failureReason }));
async function tell(message) {
  for (const client of await clients.matchAll({ includeUncontrolled: true })) client.postMessage(message);
}
async function read(registration) {
  const begun = performance.now();
  const records = await registration.matchAll();
  const matched = performance.now();
  let wrong = 0;
  for (const { request, responseReady } of records) {
    const text = await (await responseReady).text();
    if (text !== 'body of ' + new URL(request.url).search) wrong += 1;
  }
  const { id, downloaded } = registration;
  const times = [matched - begun, performance.now() - matched];
  await tell({ id, downloaded, length: records.length, first: records[0].request.url, wrong, times });
}`;

const HTML = `<script>
window.many = { told: [], heard() {} };
navigator.serviceWorker.addEventListener('message', ({ data }) => {
  many.told.push(data);
  many.heard();
});
navigator.serviceWorker.startMessages();
many.until = (count) => new Promise((resolve) => {
  many.heard = () => many.told.length >= count && resolve();
  many.heard();
});
</script>`;

function serve(server) {
  server.file('/many', { script: ({ url }) => ({ body: `body of ${url.slice(url.indexOf('?'))}` }) });
}

const seconds = (time) => `${(time / 1000).toFixed(1)} s`;

/** One background fetch with so many requests. */
export async function fetchMany(context, count) {
  const { server, openPage, t } = context;
  serve(server);
  const page = await openPage({ polyfill: true, worker: WORKER, html: HTML });
  page.timeout = 600_000;
  const seen = await page.evaluate(async (length) => {
    const urls = Array.from({ length }, (_, index) => `/many?${index}`);
    const { backgroundFetch } = await navigator.serviceWorker.ready;
    const begun = performance.now();
    const fetched = await backgroundFetch.fetch('many', urls);
    const resolved = performance.now();
    const matching = await fetched.matchAll();
    const matched = performance.now();
    await new Promise((resolve) => {
      fetched.onprogress = () => fetched.result && resolve();
    });
    const { result, downloaded } = fetched;
    const times = [resolved - begun, matched - resolved, performance.now() - begun];
    await window.many.until(1);
    return { result, downloaded, matched: matching.length, times, told: window.many.told };
  }, count);
  const { times, told, ...state } = seen;
  const total = Array.from({ length: count }, (_, index) => `body of ?${index}`.length).reduce(
    (a, b) => a + b,
  );
  assert.deepEqual(state, { result: 'success', downloaded: total, matched: count });
  const [{ times: reading, ...report }] = told;
  const first = server.url('/many?0');
  assert.deepEqual(told.length, 1);
  assert.deepEqual(report, { id: 'many', downloaded: total, length: count, first, wrong: 0 });
  const asked = server.requests('/many').map(({ url }) => url);
  assert.equal(asked.length, count);
  assert.equal(new Set(asked).size, count);
  await assertNothingLeft(page, { timeout: 60_000 });
  t.diagnostic(
    `${count} requests: fetch() ${seconds(times[0])}, matchAll() ${seconds(times[1])}, success after ` +
      `${seconds(times[2])}; in the worker matchAll() ${seconds(reading[0])}, all bodies ${seconds(reading[1])}`,
  );
}

/**
 * Regression: match() read all records of the fetch, in the `fetch` listener of an app once for each request of a page: with
 * 2,000 records 40 to 180 ms.
 */
export async function matchAmongMany(context, count) {
  const { server, openPage, t } = context;
  server.file('/many', { never: true });
  const page = await openPage({ polyfill: true, worker: '' });
  const seen = await page.evaluate(async (length) => {
    const urls = Array.from({ length }, (_, index) => `/many?${index}`);
    const { backgroundFetch } = await navigator.serviceWorker.ready;
    const fetched = await backgroundFetch.fetch('many', urls);
    const time = async (work) => {
      const times = [];
      for (let round = 0; round < 9; round += 1) {
        const begun = performance.now();
        await work(round);
        times.push(performance.now() - begun);
      }
      return times.toSorted((one, other) => one - other)[4];
    };
    let readings = 0;
    const { getAll } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.getAll = function (...args) {
      // The fetch that is on its way reads some at a time.
      const [, count] = args;
      if (this.name === 'requests' && count === undefined) readings += 1;
      return getAll.apply(this, args);
    };
    const wrong = [];
    const one = await time(async (round) => {
      const url = urls[(round * 211) % length];
      const { request } = await fetched.match(url);
      if (!request.url.endsWith(url)) wrong.push(request.url);
    });
    const none = await time(async () => {
      const record = await fetched.match('/many');
      if (record) wrong.push(record.request.url);
    });
    const readingsByKey = readings;
    const all = await time(() => fetched.matchAll());
    await fetched.abort();
    return { times: { one, none, all }, readingsByKey, readings, wrong };
  }, count);
  const { times, readingsByKey, readings, wrong } = seen;
  assert.deepEqual(wrong, []);
  t.diagnostic(`of ${count}: ${JSON.stringify(times)} ms`);
  assert.equal(readingsByKey, 0, 'all rows of the fetch are read');
  assert.ok(readings > 0, 'the count counts');
  await assertNothingLeft(page);
}

/** So many background fetches at the same time, of one request each. */
export async function fetchManyTimes(context, count) {
  const { server, openPage, t } = context;
  serve(server);
  const page = await openPage({ polyfill: true, worker: WORKER, html: HTML });
  page.timeout = 600_000;
  const { times, ids, told } = await page.evaluate(async (length) => {
    const { backgroundFetch } = await navigator.serviceWorker.ready;
    const begun = performance.now();
    const fetches = Array.from({ length }, (_, index) => backgroundFetch.fetch(`${index}`, `/many?${index}`));
    await Promise.all(fetches);
    const resolved = performance.now();
    await window.many.until(length);
    return {
      times: [resolved - begun, performance.now() - begun],
      ids: await backgroundFetch.getIds(),
      told: window.many.told,
    };
  }, count);
  assert.deepEqual(ids, []);
  assert.equal(told.length, count);
  assert.equal(new Set(told.map(({ id }) => id)).size, count);
  for (const { id, length, first, wrong } of told) {
    assert.deepEqual([length, first, wrong], [1, server.url(`/many?${id}`), 0]);
  }
  assert.equal(server.requests('/many').length, count);
  await assertNothingLeft(page, { timeout: 60_000 });
  t.diagnostic(`${count} fetches: fetch() ${seconds(times[0])}, all events after ${seconds(times[1])}`);
}

/** The worker puts all files into the cache, so many times over. */
const STORING = `
addEventListener('backgroundfetchsuccess', (event) => event.waitUntil((async () => {
  for (let time = 0; time < TIMES; time += 1) {
    const cache = await caches.open('files');
    const records = await event.registration.matchAll();
    await Promise.all(records.map(async ({ request, responseReady }) => cache.put(request, await responseReady)));
    for (const client of await clients.matchAll({ includeUncontrolled: true })) client.postMessage(time);
  }
})()));`;

/**
 * Regression: Chromium (156) kills the process when a stored Blob is collected in the moment in which another is made of it,
 * which came about once in some ten thousand bodies.
 */
export async function storeManyTimes(context, count, times) {
  const { server, openPage } = context;
  server.file('/file', { size: 10_000 });
  const worker = `const TIMES = ${times};${STORING}`;
  const page = await openPage({ polyfill: true, worker, html: HTML });
  page.timeout = 600_000;
  await page.evaluate(async (length) => {
    const { backgroundFetch } = await navigator.serviceWorker.ready;
    const urls = Array.from({ length }, (_, index) => `/file?${index}`);
    await backgroundFetch.fetch('files', urls);
  }, count);
  const told = await page.evaluate((length) => window.many.until(length).then(() => window.many.told), times);
  assert.deepEqual(
    told,
    Array.from({ length: times }, (_, time) => time),
    'one worker lives to the end',
  );
  const stored = await page.evaluate(async () => (await (await caches.open('files')).keys()).length);
  assert.equal(stored, count);
  await assertNothingLeft(page, { timeout: 60_000 });
}
