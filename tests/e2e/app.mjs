import assert from 'node:assert/strict';
import { countRows, hasNoRows } from './count-rows.mjs';

/**
 * A small app on the polyfill: its worker stores what it can into the cache with the fetch's id and reports every event;
 * its page keeps the reports, and what it saw of each registration.
 */

const WORKER = `
self.seen = { fetches: [], messages: [], steps: [] };
addEventListener('fetch', (event) => {
  self.seen.fetches.push(event.request.url);
  if (event.request.url.includes('/blocked/')) event.respondWith(new Response('from the worker'));
});
addEventListener('message', (event) => {
  self.seen.messages.push(event.data);
  if (event.data?.ask === 'seen') event.ports[0].postMessage(self.seen);
});
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
for (const outcome of ['success', 'fail', 'abort']) {
  addEventListener('backgroundfetch' + outcome, (event) => event.waitUntil(store(event)));
}
async function store(event) {
  const { type, registration } = event;
  const { id, result, failureReason, downloaded, downloadTotal, uploaded, recordsAvailable } = registration;
  const report = { type, id, result, failureReason, downloaded, downloadTotal, uploaded, recordsAvailable };
  report.stored = [];
  report.rejected = [];
  const { steps } = self.seen;
  steps.push(type + ' of ' + id);
  while (await caches.has('event lasts')) await new Promise((resolve) => setTimeout(resolve, 20));
  const cache = await caches.open(id);
  steps.push('matchAll()');
  for (const record of await registration.matchAll()) {
    const { pathname } = new URL(record.request.url);
    try {
      steps.push('responseReady of ' + pathname);
      const response = await record.responseReady;
      report.stored.push([pathname, response.status]);
      steps.push('put() of ' + pathname);
      if (response.ok) await cache.put(record.request, response);
    } catch (error) {
      report.rejected.push([pathname, error.name]);
    }
  }
  steps.push('updateUI()');
  if (event.updateUI) await event.updateUI({ title: 'Stored' });
  steps.push('telling the pages');
  for (const client of await clients.matchAll({ includeUncontrolled: true })) client.postMessage(report);
  const reports = await caches.open('reports');
  await reports.put('/reports/' + Date.now() + Math.random(), new Response(JSON.stringify(report)));
}
`;

/** What a page of the app has in its body. */
export const PAGE = `
<script>
window.app = {
  reports: [],
  registrations: {},
  progress: {},
  async registration() {
    return navigator.serviceWorker.ready;
  },
  watch(registration) {
    const { id } = registration;
    app.registrations[id] = registration;
    app.progress[id] = [];
    registration.addEventListener('progress', () => {
      const { downloaded, result, failureReason } = registration;
      app.progress[id].push({ downloaded, result, failureReason });
    });
    return app.state(id);
  },
  async fetch(id, requests, options) {
    const { backgroundFetch } = await app.registration();
    return app.watch(await backgroundFetch.fetch(id, requests, options));
  },
  // Events last until the work is through: else the records may be gone before they are looked at.
  async whileRecordsLast(work) {
    await caches.open('event lasts');
    try {
      return await work();
    } finally {
      await caches.delete('event lasts');
    }
  },
  async find(id) {
    const { backgroundFetch } = await app.registration();
    const registration = await backgroundFetch.get(id);
    return registration && app.watch(registration);
  },
  state(id) {
    const { uploaded, downloaded, downloadTotal, result, failureReason, recordsAvailable } = app.registrations[id];
    return { id, uploaded, downloaded, downloadTotal, result, failureReason, recordsAvailable };
  },
  async hash(id, path) {
    const response = await (await caches.open(id)).match(path);
    if (!response) return undefined;
    const digest = await crypto.subtle.digest('SHA-256', await response.arrayBuffer());
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  },
  async storedReports() {
    const reports = await caches.open('reports');
    const keys = await reports.keys();
    return Promise.all(keys.map(async (key) => (await reports.match(key)).json()));
  },
  rows: ${countRows},
  async describe() {
    const registrations = await navigator.serviceWorker.getRegistrations();
    const stateOf = (worker) => worker?.state;
    return {
      rows: await app.rows(),
      states: Object.keys(app.registrations).map(app.state),
      reports: app.reports,
      stored: await app.storedReports(),
      caches: await caches.keys(),
      seenByWorker: await Promise.race([
        app.seenByWorker(),
        new Promise((resolve) => setTimeout(resolve, 5000, 'it does not answer')),
      ]),
      locks: await navigator.locks.query(),
      workers: registrations.map(({ scope, active, waiting, installing }) => [
        scope, stateOf(active), stateOf(waiting), stateOf(installing),
      ]),
    };
  },
  async seenByWorker() {
    const { active } = await app.registration();
    const { port1, port2 } = new MessageChannel();
    return new Promise((resolve) => {
      port1.onmessage = ({ data }) => resolve(data);
      active.postMessage({ ask: 'seen' }, [port2]);
    });
  },
};
navigator.serviceWorker.addEventListener('message', ({ data }) => {
  const registration = app.registrations[data.id];
  app.reports.push({ ...data, resultInPage: registration?.result });
});
navigator.serviceWorker.startMessages();
</script>`;

/**
 * Opens a page of the app. The first one of a test registers the worker; `again` opens another. `before` is HTML that
 * precedes the polyfill.
 *
 * @param {any} context
 * @param {import('./harness.mjs').PageOptions & { again?: boolean }} [options]
 */
export async function openApp(context, { again = false, worker = '', polyfill = true, ...rest } = {}) {
  const page = await context.openPage({
    html: PAGE,
    polyfill,
    ...(again ? {} : { worker: WORKER + worker }),
    ...rest,
  });
  await page.waitFor(() => window.app && navigator.serviceWorker.ready.then(Boolean));
  return page;
}

/** Waits for the worker's report of a fetch's event. If none comes, the error says how far the fetch is. */
export async function reportOf(page, id, { timeout = 30_000 } = {}) {
  const found = (name) => window.app.reports.find((report) => report.id === name);
  try {
    return await page.waitFor({ timeout }, found, id);
  } catch (error) {
    error.message += `\n${JSON.stringify(await page.evaluate(() => window.app.describe()))}`;
    throw error;
  }
}

/** The same from the cache: whichever page the worker told. */
export async function storedReportOf(page, id, { timeout = 30_000 } = {}) {
  const found = async (name) => (await window.app.storedReports()).filter((report) => report.id === name);
  await page.waitFor(
    { timeout },
    async (name) => (await window.app.storedReports()).some(({ id }) => id === name),
    id,
  );
  return page.evaluate(found, id);
}

/**
 * Lets the server go on with what it holds back, which may be to cut the connection, when the page has shown so much: an error
 * drops what a stream has queued, and a page that is busy reads late.
 */
export async function releaseWhenShown(page, server, { id, bytes, paths }) {
  await page.waitFor((name, least) => window.app.state(name).downloaded >= least, id, bytes);
  for (const path of paths) server.release(path);
}

export async function assertHashes(page, server, id, paths, addressOf = (path) => path) {
  for (const path of paths) {
    const address = addressOf(path);
    const hash = await page.evaluate((name, url) => window.app.hash(name, url), id, address);
    assert.equal(hash, server.sha256(path), `hash of ${path}`);
  }
}

/** After a fetch the database holds nothing of it. For any page of the origin. */
export async function assertNothingLeft(page, { timeout = 15_000 } = {}) {
  await page.waitFor({ timeout }, hasNoRows);
}
