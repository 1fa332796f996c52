import assert from 'node:assert/strict';
import { assertHashes, assertNothingLeft, openApp, reportOf } from './app.mjs';
import { forEachEngine } from './harness.mjs';

const MIB = 1 << 20;

forEachEngine('the main job', ({ test }) => {
  test(
    'three files come whole, with progress, and the worker has them',
    { timeout: 90_000 },
    async (context) => {
      const { server } = context;
      const sizes = { '/big.bin': 64 * MIB + 12_345, '/middle.bin': 3 * MIB, '/small.txt': 17 };
      for (const [path, size] of Object.entries(sizes)) server.file(path, { size });
      const page = await openApp(context);
      const paths = Object.keys(sizes);
      const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);

      const begun = await page.evaluate(
        (urls, downloadTotal) => window.app.fetch('films', urls, { title: 'Films', downloadTotal }),
        paths,
        total,
      );
      assert.equal(begun.downloadTotal, total);
      assert.equal(begun.result, '');
      assert.equal(begun.recordsAvailable, true);

      const report = await reportOf(page, 'films', { timeout: 60_000 });
      assert.equal(report.type, 'backgroundfetchsuccess');
      assert.equal(report.result, 'success');
      assert.equal(report.failureReason, '');
      assert.equal(report.downloaded, total);
      assert.equal(report.recordsAvailable, true);
      assert.equal(report.resultInPage, 'success', 'the page knows before the worker speaks');
      assert.deepEqual(report.rejected, []);
      assert.deepEqual(
        report.stored,
        paths.map((path) => [path, 200]),
      );

      const progress = await page.evaluate(() => window.app.progress.films);
      assert.ok(progress.length > 1, `${progress.length} progress events`);
      const downloaded = progress.map((event) => event.downloaded);
      assert.deepEqual(
        downloaded,
        downloaded.toSorted((one, other) => one - other),
        'progress never goes down',
      );
      assert.deepEqual(progress.at(-1), { downloaded: total, result: 'success', failureReason: '' });
      assert.equal(progress.filter(({ result }) => result).length, 1, 'one event carries the result');

      await page.waitFor(() => !window.app.state('films').recordsAvailable);
      assert.equal(await page.evaluate(() => window.app.state('films').result), 'success');
      await assertHashes(page, server, 'films', paths);
      await assertNothingLeft(page);
    },
  );

  test('one failing file leaves the others readable', async (context) => {
    const { server } = context;
    server.file('/one.bin', { size: MIB });
    server.file('/other.bin', { size: MIB });
    const page = await openApp(context);
    await page.evaluate(() => window.app.fetch('set', ['/one.bin', '/missing.bin', '/other.bin']));
    const report = await reportOf(page, 'set');
    assert.equal(report.type, 'backgroundfetchfail');
    assert.equal(report.result, 'failure');
    assert.equal(report.failureReason, 'bad-status');
    assert.deepEqual(report.stored, [
      ['/one.bin', 200],
      ['/missing.bin', 404],
      ['/other.bin', 200],
    ]);
    await assertHashes(page, server, 'set', ['/one.bin', '/other.bin']);
    await assertNothingLeft(page);
  });

  test('a file that CORS forbids is a fetch-error within 15 s', async (context) => {
    const { server } = context;
    server.file('/mine.bin', { size: MIB });
    server.file('/theirs.bin', { size: MIB });
    const page = await openApp(context);
    const begun = performance.now();
    const theirs = server.otherUrl('/theirs.bin');
    await page.evaluate((url) => window.app.fetch('set', ['/mine.bin', url]), theirs);
    const report = await reportOf(page, 'set');
    assert.ok(performance.now() - begun < 15_000);
    assert.equal(report.type, 'backgroundfetchfail');
    assert.equal(report.failureReason, 'fetch-error');
    assert.deepEqual(report.stored, [['/mine.bin', 200]]);
    assert.deepEqual(report.rejected, [['/theirs.bin', 'TypeError']]);
    await assertNothingLeft(page);
  });

  test('a file that CORS allows comes from another origin', async (context) => {
    const { server } = context;
    server.file('/theirs.bin', { size: MIB, cors: true });
    const page = await openApp(context);
    const theirs = server.otherUrl('/theirs.bin');
    await page.evaluate((url) => window.app.fetch('set', url), theirs);
    const report = await reportOf(page, 'set');
    assert.equal(report.type, 'backgroundfetchsuccess');
    const hash = await page.evaluate((url) => window.app.hash('set', url), theirs);
    assert.equal(hash, server.sha256('/theirs.bin'));
  });

  test('more than downloadTotal ends the fetch at once', async (context) => {
    const { server } = context;
    server.file('/big.bin', { size: 40 * MIB });
    server.file('/slow.bin', { size: 40 * MIB, throttle: MIB });
    const page = await openApp(context);
    await page.evaluate(
      (downloadTotal) => window.app.fetch('set', ['/big.bin', '/slow.bin'], { downloadTotal }),
      MIB,
    );
    const report = await reportOf(page, 'set');
    assert.equal(report.type, 'backgroundfetchfail');
    assert.equal(report.failureReason, 'download-total-exceeded');
    assert.ok(report.downloaded <= MIB, `${report.downloaded} bytes`);
    assert.ok(server.sent('/slow.bin') < 20 * MIB, 'the other file does not go on');
    await assertNothingLeft(page);
  });

  test('abort() ends the fetch, once, and frees its id', async (context) => {
    const { server } = context;
    server.file('/slow.bin', { size: 40 * MIB, throttle: 4 * MIB });
    const page = await openApp(context);
    await page.evaluate(() => window.app.fetch('set', '/slow.bin'));
    await page.waitFor(() => window.app.state('set').downloaded > 0);
    const answers = await page.evaluate(async () => {
      const { backgroundFetch } = await window.app.registration();
      const registration = window.app.registrations.set;
      const first = await registration.abort();
      const ids = await backgroundFetch.getIds();
      return [first, ids, await backgroundFetch.get('set'), await registration.abort()];
    });
    assert.deepEqual(answers, [true, [], null, false]);
    const report = await reportOf(page, 'set');
    assert.equal(report.type, 'backgroundfetchabort');
    assert.equal(report.failureReason, 'aborted');
    assert.deepEqual(report.rejected, [['/slow.bin', 'AbortError']]);
    server.file('/quick.bin', { size: 1000 });
    await page.evaluate(() => window.app.fetch('set', '/quick.bin'));
    await page.waitFor(() => window.app.reports.some(({ type }) => type === 'backgroundfetchsuccess'));
    await assertNothingLeft(page);
  });

  test('an id is taken while its fetch runs', async (context) => {
    const { server } = context;
    server.file('/slow.bin', { size: 40 * MIB, throttle: MIB });
    const page = await openApp(context);
    await page.evaluate(() => window.app.fetch('set', '/slow.bin'));
    const second = page.evaluate(() => window.app.fetch('set', '/slow.bin'));
    await assert.rejects(second, { name: 'TypeError' });
    assert.deepEqual(
      await page.evaluate(async () => (await window.app.registration()).backgroundFetch.getIds()),
      ['set'],
    );
    const isSame = await page.evaluate(async () => {
      const { backgroundFetch } = await window.app.registration();
      return (await backgroundFetch.get('set')) === window.app.registrations.set;
    });
    assert.ok(isSame, 'get() gives the same object');
    await page.evaluate(() => window.app.registrations.set.abort());
    await reportOf(page, 'set');
  });

  test("the app's worker sees nothing of the polyfill's traffic", async (context) => {
    const { server } = context;
    server.file('/blocked/file.bin', { size: MIB });
    const page = await openApp(context);
    // So that the page is controlled. The driver's reload of Firefox bypasses service workers.
    await page.goto(server.url('/'));
    await page.waitFor(() => navigator.serviceWorker.controller && window.app);
    assert.equal(
      await page.evaluate(async () => (await fetch('/blocked/by-worker')).text()),
      'from the worker',
    );
    await page.evaluate(() => window.app.fetch('set', '/blocked/file.bin'));
    const report = await reportOf(page, 'set');
    assert.equal(report.type, 'backgroundfetchsuccess');
    await assertHashes(page, server, 'set', ['/blocked/file.bin']);
    const { fetches, messages } = await page.evaluate(() => window.app.seenByWorker());
    assert.ok(fetches.some((url) => url.endsWith('/blocked/by-worker')));
    assert.deepEqual(
      fetches.filter((url) => url.includes('file.bin')),
      [],
    );
    assert.deepEqual(messages, [{ ask: 'seen' }]);
  });

  test('event handler attributes and match() serve as well', async (context) => {
    const { server } = context;
    server.file('/one.bin', { size: 100 });
    const page = await openApp(context, {
      worker: `self.onbackgroundfetchsuccess = (event) => event.waitUntil((async () => {
        const record = await event.registration.match('/one.bin');
        const body = await (await record.responseReady).arrayBuffer();
        for (const client of await clients.matchAll({ includeUncontrolled: true })) {
          client.postMessage({ id: 'by attribute', length: body.byteLength, same: event.registration.id });
        }
      })());`,
    });
    await page.evaluate(() => window.app.fetch('set', '/one.bin'));
    const report = await reportOf(page, 'by attribute');
    assert.equal(report.length, 100);
    assert.equal(report.same, 'set');
  });

  test('what cannot be fetched is rejected, and nothing is begun', async (context) => {
    const page = await openApp(context);
    const errors = await page.evaluate(async () => {
      const { backgroundFetch } = await window.app.registration();
      const used = new Request('/', { method: 'POST', body: 'x' });
      await used.text();
      const calls = {
        'no argument': () => backgroundFetch.fetch(),
        'no requests': () => backgroundFetch.fetch('id', []),
        'an empty id': () => backgroundFetch.fetch('', '/'),
        'no-cors': () => backgroundFetch.fetch('id', new Request('/', { mode: 'no-cors' })),
        'another scheme': () => backgroundFetch.fetch('id', 'data:text/plain,x'),
        'a blocked port': () => backgroundFetch.fetch('id', 'http://localhost:6667/'),
        'a used body': () => backgroundFetch.fetch('id', used),
        credentials: () => backgroundFetch.fetch('id', 'http://me:secret@localhost/'),
        'no icon': () => backgroundFetch.fetch('id', '/', { icons: [{}] }),
        'an empty id of get()': () => backgroundFetch.get(''),
        'another this': () => backgroundFetch.fetch.call({}, 'id', '/'),
      };
      const names = {};
      for (const [name, call] of Object.entries(calls)) {
        names[name] = await call().then(
          () => 'resolved',
          (error) => error.name,
        );
      }
      return { names, ids: await backgroundFetch.getIds() };
    });
    for (const [name, error] of Object.entries(errors.names)) assert.equal(error, 'TypeError', name);
    assert.deepEqual(errors.ids, []);
  });

  test('a page that reads while the worker is through gets the whole file or none', async (context) => {
    const { server } = context;
    server.file('/one.bin', { size: 100_000 });
    const page = await context.openPage({ polyfill: true, worker: 'self.a = 1;' });
    const outcomes = await page.evaluate(async () => {
      const { backgroundFetch } = await navigator.serviceWorker.ready;
      const seen = {};
      for (let round = 0; round < 40; round += 1) {
        const fetched = await backgroundFetch.fetch(`set ${round}`, '/one.bin');
        await new Promise((resolve) => {
          fetched.onprogress = () => fetched.result && resolve();
        });
        const outcome = await fetched
          .match('/one.bin')
          .then((record) => record.responseReady)
          .then(async (response) => (await response.arrayBuffer()).byteLength)
          .catch((error) => error.name);
        seen[outcome] = (seen[outcome] ?? 0) + 1;
      }
      return seen;
    });
    for (const outcome of Object.keys(outcomes)) assert.match(outcome, /^(100000|InvalidStateError)$/);
  });

  test('more than downloadTotal is found out without an announced length', async (context) => {
    const { server } = context;
    server.file('/endless.bin', { size: 40 * MIB, noContentLength: true, throttle: 8 * MIB });
    const page = await openApp(context);
    await page.evaluate(
      (downloadTotal) => window.app.fetch('set', '/endless.bin', { downloadTotal }),
      3 * MIB,
    );
    const report = await reportOf(page, 'set');
    assert.equal(report.failureReason, 'download-total-exceeded');
    assert.ok(report.downloaded <= 3 * MIB);
    assert.ok(server.sent('/endless.bin') < 20 * MIB);
    await assertNothingLeft(page);
  });

  test('unregister() ends the fetches of a registration, without events', async (context) => {
    const { server } = context;
    server.file('/slow.bin', { size: 40 * MIB, throttle: 2 * MIB });
    server.file('/quick.bin', { size: 1000 });
    const page = await openApp(context);
    await page.evaluate(() => window.app.fetch('set', '/slow.bin'));
    await page.waitFor(() => window.app.state('set').downloaded > 0);
    const again = await page.evaluate(async () => {
      const registration = await window.app.registration();
      const ended = await registration.unregister();
      const fetched = window.app.registrations.set;
      const next = await navigator.serviceWorker.register('/service-worker.js');
      const worker = next.installing ?? next.active;
      await new Promise((resolve) => {
        // Chromium brings the old worker back while it has a client.
        const look = () => worker.state === 'activated' && resolve();
        worker.onstatechange = look;
        look();
      });
      const ids = await next.backgroundFetch.getIds();
      window.app.watch(await next.backgroundFetch.fetch('set', '/quick.bin'));
      return { ended, ids, recordsAvailable: fetched.recordsAvailable };
    });
    assert.deepEqual(again, { ended: true, ids: [], recordsAvailable: false });
    const report = await reportOf(page, 'set');
    assert.equal(report.type, 'backgroundfetchsuccess');
    assert.deepEqual(report.stored, [['/quick.bin', 200]]);
    await server.until(() => server.requests('/slow.bin').every(({ aborted }) => aborted));
    await assertNothingLeft(page);
  });
});
