import assert from 'node:assert/strict';
import { assertNothingLeft, openApp, reportOf } from './app.mjs';
import { forEachEngine } from './harness.mjs';

forEachEngine('registering', ({ test }) => {
  test('the first rule that is broken decides which exception there is', async (context) => {
    const { server } = context;
    server.file('/slow', { size: 10, never: true });
    const page = await openApp(context);
    const names = await page.evaluate(async () => {
      const registration = await window.app.registration();
      const { backgroundFetch } = registration;
      await backgroundFetch.fetch('taken', '/slow');
      const huge = { downloadTotal: Number.MAX_SAFE_INTEGER };
      const used = new Request('/', { method: 'POST', body: 'x' });
      await used.text();
      const noCors = new Request('/', { mode: 'no-cors' });
      const reader = new Request('/', { method: 'POST', body: 'x' });
      reader.body?.getReader();
      const calls = {
        'bad icons come before an empty list': () => backgroundFetch.fetch('x', [], { icons: 1 }),
        'an empty list': () => backgroundFetch.fetch('x', []),
        'an address before what is no-cors': () => backgroundFetch.fetch('x', ['http://:', noCors]),
        'what is no-cors before an address': () => backgroundFetch.fetch('x', [noCors, 'http://:']),
        'a used body': () => backgroundFetch.fetch('x', ['/', used]),
        'dangling markup': () => backgroundFetch.fetch('x', '/?a\n<b'),
        'a taken id before the quota': () => backgroundFetch.fetch('taken', '/', huge),
        'a scheme before a taken id': () => backgroundFetch.fetch('taken', 'wss://localhost/', huge),
        'more than there is room for': () => backgroundFetch.fetch('x', '/', huge),
        'a port': () => backgroundFetch.fetch('x', 'http://localhost:25/'),
        ...(reader.body ? { 'a locked body': () => backgroundFetch.fetch('x', reader) } : {}),
      };
      const names = {};
      for (const [name, call] of Object.entries(calls)) {
        names[name] = await call().then(
          () => 'resolved',
          (error) => [error.name, error instanceof DOMException, error instanceof TypeError],
        );
      }
      const ids = await backgroundFetch.getIds();
      await (await backgroundFetch.get('taken')).abort();
      return { names, ids };
    });
    const room = names.names['more than there is room for'];
    delete names.names['more than there is room for'];
    assert.deepEqual(room, ['QuotaExceededError', true, false]);
    for (const [name, error] of Object.entries(names.names)) {
      assert.deepEqual(error, ['TypeError', false, true], name);
    }
    assert.deepEqual(names.ids, ['taken']);
    await reportOf(page, 'taken');
    await assertNothingLeft(page);
  });

  test('settings that nobody can count with are refused', async (context) => {
    const wrong = { stallTime: -1, unstoredBytes: 0.5, connections: '4', retry: { firstDelay: -1 } };
    await context.openPage({ polyfill: true, worker: '' });
    for (const [name, value] of Object.entries(wrong)) {
      const page = await context.openPage({ polyfill: { settings: { [name]: value } } });
      const error = await page.evaluate(async () => {
        const { backgroundFetch } = await navigator.serviceWorker.ready;
        return backgroundFetch.fetch('x', '/').catch(({ name, message }) => ({ name, message }));
      });
      assert.equal(error.name, 'TypeError', name);
      assert.match(error.message, name === 'retry' ? /firstDelay/ : new RegExp(name));
    }
  });

  test('without an active worker nothing begins and nothing is found', async (context) => {
    const page = await openApp(context);
    const seen = await page.evaluate(async () => {
      const registration = await window.app.registration();
      await registration.unregister();
      const { backgroundFetch } = registration;
      // Chromium keeps its worker active until the last client is gone.
      const error = await backgroundFetch.fetch('x', '/').catch((reason) => reason.name);
      const found = await backgroundFetch.get('').catch((reason) => reason.name);
      return { error, found: found ?? null, ids: await backgroundFetch.getIds() };
    });
    assert.deepEqual(seen, { error: 'TypeError', found: null, ids: [] });
  });

  test('whether a worker is active is seen at the call, however late the engine starts', async (context) => {
    context.server.file('/x', { size: 10 });
    // The engine does not start before the page lets it.
    const before = `<script>
      const { instantiate } = WebAssembly;
      const mayStart = new Promise((resolve) => (window.letStart = resolve));
      WebAssembly.instantiate = async (...args) => (await mayStart, instantiate(...args));
    </script>`;
    await context.openPage({ path: '/worker', polyfill: true, worker: '', scope: '/other/' });
    const page = await context.openPage({ path: '/early', polyfill: true, before });
    const seen = await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.register('/service-worker.js', { scope: '/early' });
      const { backgroundFetch, active, installing } = registration;
      const calls = [backgroundFetch.fetch('x', '/x'), backgroundFetch.get(''), backgroundFetch.getIds()];
      /** @type {Promise<any[]>} */
      const outcomes = Promise.allSettled(calls);
      while (registration.active?.state !== 'activated')
        await new Promise((resolve) => setTimeout(resolve, 5));
      window.letStart();
      const [fetched, found, ids] = await outcomes;
      return {
        wasActive: active !== null || installing === null,
        error: fetched.reason?.name ?? 'none',
        found: found.value ?? null,
        status: found.status,
        ids: ids.value,
        later: (await backgroundFetch.fetch('y', '/x')).id,
      };
    });
    const nothing = { error: 'TypeError', found: null, status: 'fulfilled', ids: [] };
    assert.deepEqual(seen, { wasActive: false, ...nothing, later: 'y' });
  });

  test('an id is any string, and is given once, to whichever of two pages comes first', async (context) => {
    const { server } = context;
    server.file('/slow', { size: 10, never: true });
    const first = await openApp(context);
    const second = await openApp(context, { again: true });
    const begin = (page) =>
      page.evaluate(async () => {
        const { backgroundFetch } = await window.app.registration();
        const calls = Array.from({ length: 10 }, (_, index) =>
          backgroundFetch.fetch(`same ${index}`, '/slow').then(
            () => index,
            (error) => error.name,
          ),
        );
        return Promise.all(calls);
      });
    const outcomes = await Promise.all([begin(first), begin(second)]);
    for (let index = 0; index < 10; index += 1) {
      const pair = outcomes.map((outcome) => outcome[index]);
      assert.equal(pair.filter((outcome) => outcome === index).length, 1, `${pair}`);
      assert.equal(pair.filter((outcome) => outcome === 'TypeError').length, 1, `${pair}`);
    }
    const seen = await second.evaluate(async () => {
      const { backgroundFetch } = await window.app.registration();
      const strange = [
        '',
        '\0',
        '__proto__',
        'constructor',
        '\u{1F600}',
        '\uD800',
        '\uDC00\uD800',
        'é',
        'e\u0301',
        ' ',
        'x'.repeat(10_000),
      ];
      for (const id of strange.slice(1)) await backgroundFetch.fetch(id, '/slow');
      const ids = (await backgroundFetch.getIds()).slice(10);
      const found = await Promise.all(strange.slice(1).map((id) => backgroundFetch.get(id)));
      const same = found.map((one, index) => one?.id === strange[index + 1]);
      const all = await backgroundFetch.getIds();
      const gone = await Promise.all(all.map(async (id) => (await backgroundFetch.get(id)).abort()));
      return {
        ids: JSON.stringify(ids) === JSON.stringify(strange.slice(1)),
        same,
        gone,
        none: await backgroundFetch.getIds(),
      };
    });
    assert.ok(seen.ids, 'in the order of creation');
    assert.ok(seen.same.every(Boolean) && seen.gone.every(Boolean));
    assert.deepEqual(seen.none, []);
    await assertNothingLeft(first);
  });

  test("the caller's AbortSignal does not stop the fetch", async (context) => {
    const { server } = context;
    server.file('/file', { size: 3 << 20, throttle: 3 << 20 });
    const page = await openApp(context);
    await page.evaluate(async () => {
      const controller = new AbortController();
      await window.app.fetch('set', new Request('/file', { signal: controller.signal }));
      controller.abort();
    });
    assert.equal((await reportOf(page, 'set')).type, 'backgroundfetchsuccess');
    await assertNothingLeft(page);
  });

  test('several fetches go on at once, each with its own event', async (context) => {
    const { server } = context;
    const paths = Array.from({ length: 8 }, (_, index) => `/file-${index}`);
    for (const path of paths) server.file(path, { size: 1 << 20, throttle: 2 << 20 });
    const page = await openApp(context);
    const began = performance.now();
    await page.evaluate(
      (urls) => Promise.all(urls.map((url) => window.app.fetch(url, [url, `${url}?again`]))),
      paths,
    );
    for (const path of paths) {
      const report = await reportOf(page, path);
      assert.equal(report.type, 'backgroundfetchsuccess', path);
      assert.equal(report.downloaded, 2 << 20);
    }
    assert.ok(performance.now() - began < 20_000);
    await assertNothingLeft(page);
  });

  test('each service worker registration has its own ids and its own events', async (context) => {
    const { server } = context;
    server.file('/one', { size: 10 });
    server.file('/slow', { size: 10, never: true });
    const page = await openApp(context, {
      worker: `
        for (const type of ['success', 'abort']) addEventListener('backgroundfetch' + type, (event) => {
          event.waitUntil((async () => {
            const { scope, backgroundFetch } = self.registration;
            const ids = await backgroundFetch.getIds();
            for (const client of await clients.matchAll({ includeUncontrolled: true })) {
              client.postMessage({ id: 'seen', scope: new URL(scope).pathname, of: event.registration.id, ids });
            }
          })());
        });`,
    });
    const seen = await page.evaluate(async () => {
      const own = await window.app.registration();
      const other = await navigator.serviceWorker.register('/service-worker.js', { scope: '/other/' });
      const worker = other.installing ?? other.active;
      await new Promise((resolve) => {
        const look = () => worker.state === 'activated' && resolve();
        worker.onstatechange = look;
        look();
      });
      const slow = await own.backgroundFetch.fetch('same', '/slow');
      const quick = await other.backgroundFetch.fetch('same', '/one');
      return {
        managers: own.backgroundFetch !== other.backgroundFetch,
        fetches: slow !== quick,
        ids: [await own.backgroundFetch.getIds(), (await own.backgroundFetch.get('same')) === slow],
      };
    });
    assert.deepEqual(seen, { managers: true, fetches: true, ids: [['same'], true] });
    const find = () => window.app.reports.filter(({ id }) => id === 'seen');
    await page.waitFor(() => window.app.reports.some(({ id }) => id === 'seen'));
    await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration('/');
      await (await registration.backgroundFetch.get('same')).abort();
    });
    await page.waitFor(() => window.app.reports.filter(({ id }) => id === 'seen').length === 2);
    const told = (await page.evaluate(find)).map(({ scope, of, ids }) => ({ scope, of, ids }));
    assert.deepEqual(told, [
      { scope: '/other/', of: 'same', ids: [] },
      { scope: '/', of: 'same', ids: [] },
    ]);
    await assertNothingLeft(page);
  });

  test("what the page's policy forbids fails soon, and is not rejected by fetch()", async (context) => {
    const { server } = context;
    server.file('/mine', { size: 10 });
    server.file('/theirs', { size: 10, cors: true });
    const policy = `<meta http-equiv="Content-Security-Policy" content="connect-src 'self'">`;
    const page = await openApp(context, { before: policy });
    const theirs = server.otherUrl('/theirs');
    const seen = await page.evaluate(async (url) => {
      const outcome = ({ responseReady }) =>
        responseReady.then(
          ({ status, body }) => body.cancel().then(() => status),
          (error) => [error.name, error instanceof TypeError],
        );
      return window.app.whileRecordsLast(async () => {
        await window.app.fetch('set', ['/mine', url]);
        const records = await window.app.registrations.set.matchAll();
        return Promise.all(records.map(outcome));
      });
    }, theirs);
    assert.deepEqual(seen, [200, ['TypeError', true]]);
    const report = await reportOf(page, 'set');
    assert.equal(report.failureReason, 'fetch-error');
    assert.equal(server.requests('/theirs').length, 0);
    await assertNothingLeft(page);
  });

  test('what an unregistered worker left is gone with the next of its scope, whoever unregistered it', async (context) => {
    const { server } = context;
    server.file('/slow', { size: 40 << 20, throttle: 1 << 20 });
    server.file('/quick', { size: 10 });
    const before =
      '<script>window.nativeUnregister = ServiceWorkerRegistration.prototype.unregister;</script>';
    const worker = `for (const outcome of ['success', 'fail', 'abort']) {
      addEventListener('backgroundfetch' + outcome, ({ type, registration: { downloaded } }) => {
        const told = new BroadcastChannel('told');
        told.postMessage([type, downloaded]);
      });
    }`;
    const page = await context.openPage({ polyfill: true, worker, scope: '/app/', before });
    const seen = await page.evaluate(async () => {
      const activated = async () => {
        const registration = await navigator.serviceWorker.register('/service-worker.js', { scope: '/app/' });
        const worker = registration.installing ?? registration.active;
        await new Promise((resolve) => {
          const look = () => worker.state === 'activated' && resolve();
          worker.onstatechange = look;
          look();
        });
        return registration;
      };
      const told = new BroadcastChannel('told');
      const events = [];
      const heard = new Promise((resolve) => {
        told.onmessage = ({ data }) => {
          events.push(data);
          resolve();
        };
      });
      const first = await activated();
      const slow = await first.backgroundFetch.fetch('set', '/slow');
      await new Promise((resolve) => {
        slow.onprogress = resolve;
      });
      const gone = await window.nativeUnregister.call(first);
      const next = await activated();
      const ids = await next.backgroundFetch.getIds();
      await next.backgroundFetch.fetch('set', '/quick');
      await heard;
      return { gone, ids, events, available: slow.recordsAvailable };
    });
    assert.deepEqual(seen, {
      gone: true,
      ids: [],
      events: [['backgroundfetchsuccess', 10]],
      available: false,
    });
    await server.until(() => server.requests('/slow').every(({ aborted }) => aborted));
  });

  test('a body that cannot be read is a TypeError, and nothing is begun', async (context) => {
    const page = await openApp(context);
    const seen = await page.evaluate(async () => {
      const failing = () => new ReadableStream({ pull: (controller) => controller.error(new Error('no')) });
      let request;
      try {
        request = new Request('/', { method: 'POST', body: failing(), duplex: 'half' });
        if (request.headers.get('Content-Type')) return 'no streams';
      } catch {
        return 'no streams';
      }
      const { backgroundFetch } = await window.app.registration();
      const error = await backgroundFetch.fetch('x', request).catch((reason) => reason.name);
      return [error, await backgroundFetch.getIds()];
    });
    // Firefox and WebKit send no streams: they take the object for a text.
    if (seen !== 'no streams') assert.deepEqual(seen, ['TypeError', []]);
  });
});
