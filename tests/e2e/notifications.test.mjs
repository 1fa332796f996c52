import assert from 'node:assert/strict';
import { openApp, reportOf } from './app.mjs';
import { forEachEngine } from './harness.mjs';
import { begin, openShelf, untilState } from './open-shelf.mjs';

const MIB = 1 << 20;
const OPTIONS = { notifications: { texts: { done: 'All of it is there' } } };

/** No driver can click a notification: the worker dispatches the event itself, and says what its app has heard. */
const WORKER = `
const heard = [];
for (const type of ['notificationclick', 'notificationclose'])
  addEventListener(type, ({ notification }) => heard.push(notification.title));
addEventListener('backgroundfetchclick', ({ registration }) => heard.push('clicked ' + registration.id + registration.result));
addEventListener('message', async ({ data, ports: [port] }) => {
  if (!data?.press) return;
  const notification = (await self.registration.getNotifications()).find(({ title }) => title === data.press);
  for (const type of ['notificationclick', 'notificationclose']) {
    const event = new NotificationEvent(type, { notification, action: data.action ?? '' });
    const lasting = [];
    Object.defineProperty(event, 'waitUntil', { value: (promise) => lasting.push(promise) });
    self.dispatchEvent(event);
    await Promise.all(lasting);
  }
  port.postMessage(heard.splice(0));
});
`;

/** In a page: what is shown. */
async function shown() {
  const all = await (await navigator.serviceWorker.ready).getNotifications();
  return all.map(({ title, body, silent, tag }) => ({ title, body, silent, tag }));
}

function press(page, title, action) {
  return page.evaluate(
    async (name, what) => {
      const { active } = await navigator.serviceWorker.ready;
      const { port1, port2 } = new MessageChannel();
      active.postMessage({ press: name, action: what }, [port2]);
      return new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
    },
    title,
    action,
  );
}

/** Whoever is asked grants it; Chromium and Firefox have it by their profiles. */
async function permitted(page) {
  assert.equal(await page.evaluate(() => Notification.requestPermission()), 'granted');
  return page;
}

forEachEngine('notifications', ({ engine, test }) => {
  const skip = engine === 'webkit-private' ? 'a private window denies them' : false;

  test('a fetch has one, which tells of its progress and its end', { skip }, async (context) => {
    context.server.file('/film', { size: 6 * MIB, throttle: MIB / 2 });
    const page = await permitted(await openApp(context, { polyfill: OPTIONS, worker: WORKER }));
    await page.evaluate(async () => (await navigator.serviceWorker.ready).showNotification('Of the app'));
    const total = 6 * MIB;
    await begin(page, 'film', '/film', {
      title: 'A film',
      downloadTotal: total,
    });
    const bodies = new Set();
    for (let count = 1; count <= 2; count += 1) {
      const body = await page.waitFor(
        async (seen) => {
          const all = await (await navigator.serviceWorker.ready).getNotifications();
          const found = all.filter(({ title }) => title === 'A film');
          return found.length === 1 && !seen.includes(found[0].body) && found[0].body;
        },
        [...bodies],
      );
      assert.match(body, /^\d+\s?%$/);
      bodies.add(body);
    }
    assert.deepEqual(await press(page, 'A film'), ['clicked film']);
    assert.deepEqual(await press(page, 'Of the app'), ['Of the app', 'Of the app']);

    const last = await page.waitFor(async () => {
      const all = await (await navigator.serviceWorker.ready).getNotifications();
      return all.find(({ title }) => title === 'Stored')?.body;
    });
    assert.equal(last, 'All of it is there');
    // WebKit has the earlier one for a moment.
    await page.waitFor(
      async () => (await (await navigator.serviceWorker.ready).getNotifications()).length === 2,
    );
    const titles = (await page.evaluate(shown)).map(({ title }) => title);
    assert.deepEqual(titles.sort(), ['Of the app', 'Stored']);
    assert.deepEqual(await press(page, 'Stored'), ['clicked filmsuccess']);
    await page.waitFor(
      async () => (await (await navigator.serviceWorker.ready).getNotifications()).length === 1,
    );
  });

  test('what is cancelled there is cancelled, and has none any more', { skip }, async (context) => {
    context.server.file('/film', { size: 40 * MIB, throttle: MIB });
    const page = await permitted(await openApp(context, { polyfill: OPTIONS, worker: WORKER }));
    await begin(page, 'film', '/film', { title: 'A film' });
    await page.waitFor(
      async () => (await (await navigator.serviceWorker.ready).getNotifications()).length === 1,
    );
    assert.deepEqual(await press(page, 'A film', 'pause'), []);
    await page.waitFor(() => window.backgroundFetchPolyfill.isPaused(window.app.registrations.film));
    assert.deepEqual(await press(page, 'A film', 'cancel'), []);
    assert.equal((await reportOf(page, 'film')).failureReason, 'aborted');
    await page.waitFor(
      async () => (await (await navigator.serviceWorker.ready).getNotifications()).length === 0,
    );
  });

  test('a visible shelf takes their place', { skip }, async (context) => {
    context.server.file('/film', { size: 6 * MIB, throttle: MIB });
    const page = await permitted(await openShelf(context, { polyfill: OPTIONS, worker: WORKER }));
    await begin(page, 'film', '/film', { title: 'A film' });
    await untilState(page, 'Stored', 'success');
    assert.deepEqual(await page.evaluate(shown), []);
  });
});
