import assert from 'node:assert/strict';
import { assertHashes, assertNothingLeft, openApp, reportOf } from './app.mjs';
import { forEachEngine } from './harness.mjs';

/** The worker's part of these tests: it tells all pages what it sees. */
const TELLING = `
async function tell(message) {
  for (const client of await clients.matchAll({ includeUncontrolled: true })) client.postMessage(message);
}
const outcome = (promise) => promise.then(() => 'resolved', (error) => error.name);
`;

const told = (page, id) =>
  page.waitFor((name) => window.app.reports.find((report) => report.id === name), id);

forEachEngine('events', ({ test }) => {
  test('promises resolve before the events that follow from them', async (context) => {
    const { server } = context;
    server.file('/one.bin', { size: 10 });
    server.file('/slow.bin', { size: 10, never: true });
    const page = await openApp(context);
    const order = await page.evaluate(async () => {
      const order = [];
      navigator.serviceWorker.addEventListener('message', ({ data }) => order.push(`${data.type} told`));
      const { backgroundFetch } = await window.app.registration();
      const fetched = await backgroundFetch.fetch('one', '/one.bin');
      order.push(`fetch() resolved: ${fetched.downloaded} ${fetched.result}`);
      fetched.onprogress = () => fetched.result && order.push(`${fetched.result} shown`);
      while (order.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
      const slow = await backgroundFetch.fetch('slow', '/slow.bin');
      slow.onprogress = () => slow.result && order.push(`${slow.failureReason} shown`);
      await slow.abort();
      order.push(`abort() resolved: ${slow.result}`);
      while (order.length < 6) await new Promise((resolve) => setTimeout(resolve, 10));
      return order;
    });
    assert.deepEqual(order, [
      'fetch() resolved: 0 ',
      'success shown',
      'backgroundfetchsuccess told',
      'abort() resolved: ',
      'aborted shown',
      'backgroundfetchabort told',
    ]);
    await assertNothingLeft(page);
  });

  test('an event is active while it is dispatched and while its promises are pending', async (context) => {
    const { server } = context;
    server.file('/one.bin', { size: 10 });
    const page = await openApp(context, {
      worker: `${TELLING}
      addEventListener('backgroundfetchsuccess', (event) => {
        if (event.registration.id !== 'active') return;
        const seen = { id: 'seen', type: event.constructor.name, trusted: event.isTrusted };
        event.waitUntil((async () => {
          seen.wrongIcons = await outcome(event.updateUI({ icons: [{}] }));
          const calls = [event.updateUI({ title: 'one' }), event.updateUI({ title: 'two' })];
          seen.calls = await Promise.all(calls.map(outcome));
          seen.late = await outcome(event.updateUI());
          await new Promise((resolve) => setTimeout(resolve, 50));
          // The first promise is about to settle: the event can still be extended.
          event.waitUntil(new Promise((resolve) => setTimeout(resolve, 100)).then(async () => {
            seen.records = (await event.registration.matchAll()).length;
            seen.available = event.registration.recordsAvailable;
          }).then(() => tell(seen)));
        })());
        setTimeout(async () => {
          const late = { id: 'late', update: await outcome(event.updateUI()) };
          try { event.waitUntil(Promise.resolve()); late.waitUntil = 'extended'; } catch (error) { late.waitUntil = error.name; }
          late.available = event.registration.recordsAvailable;
          late.match = await outcome(event.registration.matchAll());
          tell(late);
        }, 1500);
      });`,
    });
    await page.evaluate(() => window.app.fetch('active', '/one.bin'));
    const seen = await told(page, 'seen');
    assert.deepEqual(seen, {
      id: 'seen',
      type: 'BackgroundFetchUpdateUIEvent',
      trusted: false,
      wrongIcons: 'TypeError',
      calls: ['resolved', 'InvalidStateError'],
      late: 'InvalidStateError',
      records: 1,
      available: true,
    });
    const { update, waitUntil, available, match } = await told(page, 'late');
    assert.deepEqual(
      [update, waitUntil, available, match],
      ['InvalidStateError', 'InvalidStateError', false, 'InvalidStateError'],
    );
    await assertNothingLeft(page);
  });

  test('a handler that throws, one that rejects and a registration without any end the records', async (context) => {
    const { server } = context;
    server.file('/one.bin', { size: 10 });
    const page = await openApp(context, {
      worker: `${TELLING}
      addEventListener('backgroundfetchsuccess', (event) => {
        if (event.registration.id === 'throws') throw new Error('a handler of the test throws');
        if (event.registration.id === 'rejects') event.waitUntil(Promise.reject(new Error('a promise of the test rejects')));
      });`,
    });
    for (const id of ['throws', 'rejects']) {
      await page.evaluate((name) => window.app.fetch(name, '/one.bin'), id);
      await page.waitFor((name) => !window.app.state(name).recordsAvailable, id);
      assert.equal(await page.evaluate((name) => window.app.state(name).result, id), 'success');
    }
    await assertNothingLeft(page);
  });

  test('an event that the app makes cannot be extended, and cannot update the UI', async (context) => {
    const { server } = context;
    server.file('/one.bin', { size: 10 });
    const page = await openApp(context, {
      worker: `${TELLING}
      addEventListener('backgroundfetchsuccess', (event) => {
        if (event.registration.id !== 'made') return;
        const made = new BackgroundFetchUpdateUIEvent('x', { registration: event.registration, cancelable: true });
        const seen = { id: 'seen', cancelable: made.cancelable, same: made.registration === event.registration };
        addEventListener('x', (dispatched) => {
          try { dispatched.waitUntil(Promise.resolve()); seen.waitUntil = 'extended'; } catch (error) { seen.waitUntil = error.name; }
        });
        dispatchEvent(made);
        event.waitUntil(outcome(made.updateUI()).then((update) => tell({ ...seen, update })));
      });`,
    });
    await page.evaluate(() => window.app.fetch('made', '/one.bin'));
    const { cancelable, same, waitUntil, update } = await told(page, 'seen');
    assert.deepEqual(
      { cancelable, same, waitUntil, update },
      { cancelable: true, same: true, waitUntil: 'InvalidStateError', update: 'InvalidStateError' },
    );
    await assertNothingLeft(page);
  });

  test('an event is handled once at a time, whoever reminds the worker of it', async (context) => {
    const { server } = context;
    server.file('/one.bin', { size: 10 });
    const settings = { reminderInterval: 100 };
    const page = await openApp(context, {
      polyfill: { settings },
      worker: `${TELLING}
      let running = 0;
      const seen = { id: 'seen', dispatched: 0, most: 0 };
      addEventListener('backgroundfetchsuccess', (event) => {
        if (event.registration.id !== 'once') return;
        seen.dispatched += 1;
        seen.most = Math.max(seen.most, ++running);
        event.waitUntil(new Promise((resolve) => setTimeout(resolve, 1500)).then(() => {
          running -= 1;
          return tell(seen);
        }));
      });`,
    });
    const other = await openApp(context, { again: true });
    await page.evaluate(() => window.app.fetch('once', '/one.bin'));
    await other.evaluate(() => window.app.find('once'));
    const { dispatched, most } = await told(page, 'seen');
    assert.deepEqual({ dispatched, most }, { dispatched: 1, most: 1 });
    await assertNothingLeft(page);
  });

  test('a handler that never comes to its end has its time, and no more', async (context) => {
    const { server } = context;
    server.file('/one.bin', { size: 10 });
    server.file('/two.bin', { size: 20 });
    const page = await openApp(context, {
      polyfill: { settings: { handlerTime: 1000 } },
      worker: `${TELLING}
      const { error } = console;
      console.error = (...parts) => {
        error.apply(console, parts);
        tell({ id: 'complaint', text: parts.join(' ') });
      };
      addEventListener('backgroundfetchsuccess', (event) => {
        if (event.registration.downloaded === 10) event.waitUntil(new Promise(() => {}));
      });`,
    });
    await page.evaluate(() => window.app.fetch('stuck', '/one.bin'));
    const { text } = await told(page, 'complaint');
    assert.match(text, /The handler of backgroundfetchsuccess for "stuck" takes too long/);
    await page.waitFor(() => !window.app.state('stuck').recordsAvailable);
    await assertNothingLeft(page);
    const length = (name) => window.app.reports.filter(({ id }) => id === name).length;
    assert.equal(await page.evaluate(length, 'stuck'), 1, 'it is not called again');

    await page.evaluate(() => window.app.fetch('stuck', '/two.bin'));
    await page.waitFor(() => window.app.reports.some(({ downloaded }) => downloaded === 20));
    await assertHashes(page, server, 'stuck', ['/one.bin', '/two.bin']);
    await assertNothingLeft(page);
    assert.equal(await page.evaluate(length, 'complaint'), 1);
  });

  test('the id is free, and the fetch not to be found, while its event is handled', async (context) => {
    const { server } = context;
    server.file('/one.bin', { size: 10 });
    server.file('/two.bin', { size: 20 });
    const page = await openApp(context, {
      worker: `${TELLING}
      addEventListener('backgroundfetchsuccess', (event) => {
        if (event.registration.downloaded !== 10) return;
        const { backgroundFetch } = self.registration;
        event.waitUntil((async () => {
          const found = await backgroundFetch.get('again');
          const ids = await backgroundFetch.getIds();
          const next = await backgroundFetch.fetch('again', '/two.bin');
          await tell({ id: 'seen', found: found ?? null, ids, isAnother: next !== event.registration });
        })());
      });`,
    });
    await page.evaluate(() => window.app.fetch('again', '/one.bin'));
    const { found, ids, isAnother } = await told(page, 'seen');
    assert.deepEqual({ found, ids, isAnother }, { found: null, ids: [], isAnother: true });
    await page.waitFor(() => window.app.reports.filter(({ id }) => id === 'again').length === 2);
    const lengths = await page.evaluate(() =>
      window.app.reports.filter(({ id }) => id === 'again').map(({ downloaded }) => downloaded),
    );
    assert.deepEqual(lengths, [10, 20]);
    await assertNothingLeft(page);
  });

  test('one registration object stands for a fetch in a realm', async (context) => {
    const { server } = context;
    server.file('/one.bin', { size: 10, never: true });
    const page = await openApp(context, {
      worker: `${TELLING}
      let found;
      addEventListener('message', (event) => {
        if (event.data.find) event.waitUntil(self.registration.backgroundFetch.get(event.data.find).then((one) => {
          found = one;
          found.mark = 'kept';
          event.ports[0].postMessage(found.id);
        }));
      });
      addEventListener('backgroundfetchabort', (event) => {
        event.waitUntil(tell({ id: 'seen', same: event.registration === found, mark: event.registration.mark }));
      });`,
    });
    const seen = await page.evaluate(async () => {
      const { backgroundFetch } = await window.app.registration();
      const fetched = await backgroundFetch.fetch('one', '/one.bin');
      fetched.mark = 1;
      const found = await Promise.all([backgroundFetch.get('one'), backgroundFetch.get('one')]);
      const { active } = await window.app.registration();
      const { port1, port2 } = new MessageChannel();
      active.postMessage({ find: 'one' }, [port2]);
      await new Promise((resolve) => {
        port1.onmessage = resolve;
      });
      await fetched.abort();
      return found.map((one) => one === fetched && one.mark);
    });
    assert.deepEqual(seen, [1, 1]);
    const { same, mark } = await told(page, 'seen');
    assert.deepEqual({ same, mark }, { same: true, mark: 'kept' });
    await assertNothingLeft(page);
  });

  test('progress comes ten times a second at most, and at last with the result', async (context) => {
    const { server } = context;
    server.file('/film.bin', { size: 6 << 20, throttle: 2 << 20 });
    const page = await openApp(context);
    const seen = await page.evaluate(async () => {
      const { backgroundFetch } = await window.app.registration();
      const registration = await backgroundFetch.fetch('film', '/film.bin');
      const seen = [];
      return new Promise((resolve) => {
        registration.onprogress = ({ type, bubbles, cancelable, target }) => {
          const { downloaded, result } = registration;
          const plain = type === 'progress' && !bubbles && !cancelable && target === registration;
          seen.push({ at: performance.now(), downloaded, result, plain });
          if (result) setTimeout(() => resolve(seen), 300);
        };
      });
    });
    assert.ok(seen.length >= 4, `${seen.length} events`);
    assert.ok(seen.every(({ plain }) => plain));
    assert.deepEqual(
      seen.map(({ result }) => result),
      [...seen.slice(1).map(() => ''), 'success'],
    );
    assert.equal(seen.at(-1).downloaded, 6 << 20);
    const seconds = (seen.at(-1).at - seen[0].at) / 1000;
    assert.ok(seen.length <= 11 * seconds + 2, `${seen.length} events in ${seconds} s`);
    await reportOf(page, 'film');
    await assertNothingLeft(page);
  });
});
