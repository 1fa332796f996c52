import assert from 'node:assert/strict';
import { assertHashes, assertNothingLeft, openApp, reportOf } from './app.mjs';
import { forEachEngine } from './harness.mjs';

const SIZE = 1 << 20;

/** What a version of the worker has beside the app: it tells all pages of the events that it gets. */
const version = (number, rest = '') => `
// Version ${number}
addEventListener('backgroundfetchsuccess', (event) => event.waitUntil((async () => {
  const message = { id: 'seen', version: ${number} };
  for (const client of await clients.matchAll({ includeUncontrolled: true })) client.postMessage(message);
})()));
${rest}`;

const SKIPS_WAITING = `addEventListener('install', () => self.skipWaiting());`;

/** A fetch of which half has come: the first version of the worker is active. */
async function begin(context, options) {
  const { server } = context;
  server.file('/film', { size: SIZE, stallAfter: SIZE / 2 });
  const page = await openApp(context, { worker: version(1), ...options });
  await page.waitFor(() => navigator.serviceWorker.controller);
  await page.evaluate(() => window.app.fetch('film', '/film'));
  await page.waitFor((length) => window.app.state('film').downloaded === length, SIZE / 2);
  return page;
}

/** Serves the second version, and waits until the browser has made it what it is to become. */
async function update(context, page, rest, becomes) {
  const { server } = context;
  const source = String(server.bytes('/service-worker.js'));
  server.page('/service-worker.js', source.replace(version(1), version(2, rest)));
  await page.evaluate(async () => {
    const registration = await window.app.registration();
    window.first = registration.active;
    await registration.update();
  });
  await page.waitFor(async ([role, state]) => {
    const { [role]: worker } = await window.app.registration();
    return worker && worker !== window.first && worker.state === state;
  }, becomes);
}

const seen = (page) =>
  page.evaluate(() => window.app.reports.filter(({ id }) => id === 'seen').map(({ version }) => version));

/** The event came once, to this version of the worker, with what was fetched once. */
async function assertDelivered({ server }, page, expected) {
  const report = await reportOf(page, 'film');
  assert.equal(report.type, 'backgroundfetchsuccess');
  assert.deepEqual(report.stored, [['/film', 200]]);
  await assertHashes(page, server, 'film', ['/film']);
  await assertNothingLeft(page);
  assert.deepEqual(await seen(page), [expected]);
  assert.equal(server.requests('/film').length, 1);
}

forEachEngine('versions of the worker', ({ test }) => {
  test('the event comes to the version that has become active while the fetch ran', async (context) => {
    const page = await begin(context);
    await update(context, page, SKIPS_WAITING, ['active', 'activated']);
    await page.waitFor(() => window.first.state === 'redundant');
    context.server.release('/film');
    await assertDelivered(context, page, 2);
  });

  test('the event comes to the version that is active while another waits', async (context) => {
    const page = await begin(context);
    await update(context, page, '', ['waiting', 'installed']);
    context.server.release('/film');
    await assertDelivered(context, page, 1);
    const states = await page.evaluate(async () => {
      const { active, waiting } = await window.app.registration();
      return [active === window.first, active.state, waiting?.state];
    });
    assert.deepEqual(states, [true, 'activated', 'installed'], 'it waits to the end');
  });

  // https://w3c.github.io/ServiceWorker/#fire-functional-event-algorithm: such an event waits for the activation.
  test('an event that comes due while a version is being activated comes after that', async (context) => {
    const { server } = context;
    const page = await begin(context, { polyfill: { settings: { reminderInterval: 200 } } });
    const activatesSlowly = `${SKIPS_WAITING}
    const released = new Promise((resolve) => {
      addEventListener('message', ({ data }) => data === 'go on' && resolve());
    });
    let isActivated = false;
    addEventListener('activate', (event) => event.waitUntil(released.then(() => (isActivated = true))));
    addEventListener('backgroundfetchsuccess', () => isActivated || self.seen.steps.push('too early'));`;
    await update(context, page, activatesSlowly, ['active', 'activating']);
    server.release('/film');
    await page.waitFor(() => window.app.state('film').result === 'success');
    // An event that did not wait would be there after some messages to and fro.
    await page.evaluate(async () => {
      for (let times = 0; times < 50; times += 1) await window.app.seenByWorker();
    });
    await page.evaluate(async () => (await window.app.registration()).active.postMessage('go on'));
    await reportOf(page, 'film');
    const { steps } = await page.evaluate(() => window.app.seenByWorker());
    assert.ok(!steps.includes('too early'), `${steps}`);
    assert.deepEqual(await seen(page), [2]);
    await assertHashes(page, server, 'film', ['/film']);
    await assertNothingLeft(page);
  });
});
