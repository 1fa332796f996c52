import assert from 'node:assert/strict';
import { assertNothingLeft, openApp, PAGE, reportOf } from './app.mjs';
import { forEachEngine } from './harness.mjs';

const MIB = 1 << 20;

/**
 * Every kind of body, as expressions that the page evaluates, with what reaches the server.
 *
 * @type {Record<string, [string, string | RegExp | undefined, number | undefined]>}
 */
const BODIES = {
  text: ["'naïve'", 'text/plain;charset=UTF-8', 6],
  blob: ["new Blob(['abc'], { type: 'audio/x-mine' })", 'audio/x-mine', 3],
  buffer: ['new Uint8Array([1, 2, 3, 4]).buffer', undefined, 4],
  view: ['new Uint8Array([1, 2, 3, 4]).subarray(1)', undefined, 3],
  parameters: ["new URLSearchParams({ a: '1' })", 'application/x-www-form-urlencoded;charset=UTF-8', 3],
  form: [
    "(() => { const form = new FormData(); form.append('field', 'abc'); return form; })()",
    /^multipart\/form-data; ?boundary=/,
    undefined,
  ],
  empty: ["''", 'text/plain;charset=UTF-8', 0],
};

forEachEngine('uploading', ({ engine, test }) => {
  test('bodies of every kind arrive with their type, and are counted', async (context) => {
    const { server } = context;
    for (const name of Object.keys(BODIES)) server.file(`/${name}`, { size: 10 });
    const page = await openApp(context);
    const begun = await page.evaluate(
      (bodies) => {
        const requests = Object.entries(bodies).map(
          // eslint-disable-next-line no-eval -- The test's own expressions.
          ([name, expression]) => new Request(`/${name}`, { method: 'POST', body: (0, eval)(expression) }),
        );
        return window.app.fetch('upload', requests);
      },
      Object.fromEntries(Object.entries(BODIES).map(([name, [expression]]) => [name, expression])),
    );
    const report = await reportOf(page, 'upload');
    assert.equal(report.type, 'backgroundfetchsuccess');
    let total = 0;
    for (const [name, [, type, length]] of Object.entries(BODIES)) {
      const [request, ...others] = server.requests(`/${name}`);
      assert.equal(others.length, 0, name);
      assert.equal(request.method, 'POST');
      if (length !== undefined) assert.equal(request.bodyLength, length, name);
      if (type instanceof RegExp) assert.match(request.contentType, type);
      else assert.equal(request.contentType?.replace('; ', ';').toLowerCase(), type?.toLowerCase(), name);
      total += request.bodyLength;
    }
    const { uploadTotal, uploaded } = await page.evaluate(() => {
      const { uploadTotal, uploaded } = window.app.registrations.upload;
      return { uploadTotal, uploaded };
    });
    assert.deepEqual({ uploadTotal, uploaded }, { uploadTotal: total, uploaded: total });
    assert.equal(begun.uploaded, 0);
    await assertNothingLeft(page);
  });

  test('a large body is seen leaving, and is whole with the first byte of the answer', async (context) => {
    const { server } = context;
    const size = 24 * MIB;
    server.file('/upload', { size: MIB, stallAfter: 1, readThrottle: 12 * MIB });
    const page = await openApp(context);
    const { uploadTotal, sha256 } = await page.evaluate(async (length) => {
      const bytes = new Uint8Array(length).map((_, index) => index % 251);
      const digest = await crypto.subtle.digest('SHA-256', bytes);
      window.seen = [];
      const { backgroundFetch } = await window.app.registration();
      const request = new Request('/upload', { method: 'PUT', body: bytes });
      const registration = await backgroundFetch.fetch('upload', request);
      registration.onprogress = () => window.seen.push([registration.uploaded, registration.downloaded]);
      window.app.watch(registration);
      return {
        uploadTotal: registration.uploadTotal,
        sha256: Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join(''),
      };
    }, size);
    assert.equal(uploadTotal, size, 'known when fetch() resolves');
    await page.waitFor((length) => window.app.state('upload').uploaded === length, size);
    server.release('/upload');
    const report = await reportOf(page, 'upload');
    assert.equal(report.type, 'backgroundfetchsuccess');
    const seen = await page.evaluate(() => window.seen);
    const uploaded = seen.map(([count]) => count);
    assert.deepEqual(
      uploaded,
      uploaded.toSorted((one, other) => one - other),
    );
    const partial = uploaded.filter((count) => count > 0 && count < size);
    assert.ok(partial.length >= 2, `${engine}: ${uploaded}`);
    for (const [count, downloaded] of seen)
      assert.ok(downloaded === 0 || count === size, 'sent before answered');
    const [request, ...others] = server.requests('/upload');
    assert.equal(others.length, 0);
    assert.equal(request.bodySha256, sha256);
    await assertNothingLeft(page);
  });

  test('an upload that fails is not sent again', async (context) => {
    const { server } = context;
    server.file('/small', { size: 10, cutHeaders: 'middle' });
    server.file('/large', { size: 10, cutHeaders: 'middle' });
    server.file('/cut', { size: MIB, cutAfter: 1000 });
    const page = await openApp(context);
    await page.evaluate(() =>
      window.app.fetch(
        'upload',
        ['/small', '/large', '/cut'].map((url) => {
          const body = new Uint8Array(url === '/small' ? 10 : 300_000);
          return new Request(url, { method: 'POST', body });
        }),
      ),
    );
    const report = await reportOf(page, 'upload');
    assert.equal(report.failureReason, 'fetch-error');
    assert.deepEqual(
      report.rejected.map(([path, name]) => `${path} ${name}`),
      ['/small TypeError', '/large TypeError', '/cut TypeError'],
    );
    for (const path of ['/small', '/large', '/cut']) assert.equal(server.requests(path).length, 1, path);
    await assertNothingLeft(page);
  });

  const skip = engine === 'webkit-private' && 'takes its time in WebKit already, which does the same';

  // Regression: where no progress is told, what flowed passed for silence.
  test(
    'a body that takes longer than an answer may is no silence',
    { timeout: 90_000, skip },
    async (context) => {
      const { server } = context;
      const size = 18 * MIB;
      const cors = { origin: '*' };
      for (const path of ['/page', '/worker']) server.file(path, { size: 10, readThrottle: 3 * MIB, cors });
      const urls = (path) => [path, server.otherUrl(path)];
      const begin = async ([own, other], length) => {
        const { backgroundFetch } = self.registration ?? (await navigator.serviceWorker.ready);
        const request = (url) =>
          new Request(url, { method: 'POST', body: new Blob([new Uint8Array(length)]) });
        return backgroundFetch.fetch('upload', [request(own), request(other)]).then(() => {});
      };
      const listener = `addEventListener('message', ({ data }) => {
      if (data.begin) (${begin})(...data.begin);
    });`;
      const polyfill = { settings: { answerTime: 3000 } };
      const page = await openApp(context, { worker: listener, polyfill });
      await page.evaluate(begin, urls('/page'), size);
      assert.equal((await reportOf(page, 'upload')).type, 'backgroundfetchsuccess');
      await assertNothingLeft(page);
      // A page that has the polyfill would take it from the worker.
      server.page('/bare', `<!doctype html><link rel="icon" href="data:,">${PAGE}`);
      await page.goto(server.url('/bare'));
      await page.evaluate(
        async (...begun) => (await navigator.serviceWorker.ready).active.postMessage({ begin: begun }),
        urls('/worker'),
        size,
      );
      const isReported = () => window.app.storedReports().then((reports) => reports.length === 2);
      await page.waitFor({ timeout: 40_000 }, isReported);
      const reports = await page.evaluate(() => window.app.storedReports());
      assert.deepEqual(
        reports.map(({ type }) => type),
        Array(2).fill('backgroundfetchsuccess'),
      );
      for (const path of ['/page', '/worker']) assert.equal(server.requests(path).length, 2, 'each once');
      // What the worker has no time to delete, the next page deletes.
      await page.goto(server.url('/'));
      await assertNothingLeft(page);
    },
  );

  // Regression: by what else was due when the page could run again, the answer had not come; and it had lost its lock.
  test('a page that is busy for long loses no upload', { skip }, async (context) => {
    const { server } = context;
    server.file('/upload', { size: 10, delay: 3000 });
    const page = await openApp(context, { polyfill: { settings: { answerTime: 6000 } } });
    const other = await openApp(context, { again: true });
    await page.evaluate(() =>
      window.app.fetch('upload', new Request('/upload', { method: 'POST', body: 'x' })),
    );
    await server.until(() => server.requests('/upload').length > 0);
    await page.evaluate(() => {
      const end = performance.now() + 18_000;
      while (performance.now() < end);
    });
    assert.equal((await reportOf(other, 'upload')).type, 'backgroundfetchsuccess');
    assert.equal(server.requests('/upload').length, 1);
    await assertNothingLeft(page);
  });

  // Regression: a chunk without bytes was stored, behind which readers never got.
  test('an empty answer to a large body is read to its end', async (context) => {
    const { server } = context;
    server.file('/upload', { size: 0 });
    server.file('/slow', { size: 10, stallAfter: 1 });
    const page = await openApp(context);
    const text = await page.evaluate(async () => {
      const request = new Request('/upload', { method: 'POST', body: new Uint8Array(100_000) });
      await window.app.fetch('upload', [request, '/slow']);
      const [record] = await window.app.registrations.upload.matchAll();
      return (await record.responseReady).text();
    });
    assert.equal(text, '');
    server.release('/slow');
    assert.equal((await reportOf(page, 'upload')).type, 'backgroundfetchsuccess');
    await assertNothingLeft(page);
  });

  test('equal uploads stay apart', async (context) => {
    const { server } = context;
    server.file('/upload', { body: (_, n) => `answer ${n}` });
    const page = await openApp(context);
    const answers = await page.evaluate(async () => {
      const request = () => new Request('/upload', { method: 'POST', body: 'same' });
      return window.app.whileRecordsLast(async () => {
        await window.app.fetch('upload', [request(), request(), request()]);
        const registration = window.app.registrations.upload;
        const records = await registration.matchAll();
        const texts = await Promise.all(records.map(async (record) => (await record.responseReady).text()));
        return {
          texts: texts.toSorted(),
          bodies: await Promise.all(records.map((record) => record.request.text())),
          found: (await registration.matchAll('/upload', { ignoreMethod: true })).length,
          none: (await registration.matchAll('/upload')).length,
        };
      });
    });
    assert.deepEqual(answers, {
      texts: ['answer 0', 'answer 1', 'answer 2'],
      bodies: ['same', 'same', 'same'],
      found: 3,
      none: 0,
    });
    await reportOf(page, 'upload');
    await assertNothingLeft(page);
  });

  test('a form with a file arrives', async (context) => {
    const { server } = context;
    server.file('/upload', { size: 10 });
    const page = await openApp(context);
    const begun = page.evaluate(() => {
      const form = new FormData();
      form.append('file', new Blob(['abc']), 'name.txt');
      return window.app.fetch('upload', new Request('/upload', { method: 'POST', body: form }));
    });
    if (engine.startsWith('webkit')) {
      // WebKitGTK 2.50 can send such a body, and gives it to no script: "Unable to read form data blob".
      await assert.rejects(begun, { name: 'TypeError' });
      return;
    }
    await begun;
    const report = await reportOf(page, 'upload');
    assert.equal(report.type, 'backgroundfetchsuccess');
    const [{ contentType, bodyLength }] = server.requests('/upload');
    assert.match(contentType, /^multipart\/form-data; ?boundary=/);
    assert.equal(bodyLength, report.uploaded);
    await assertNothingLeft(page);
  });

  test("an upload goes past the app's worker", async (context) => {
    const { server } = context;
    server.file('/blocked/own', { size: 10 });
    const page = await openApp(context);
    await page.goto(server.url('/'));
    await page.waitFor(() => navigator.serviceWorker.controller && window.app);
    await page.evaluate(() => {
      const request = new Request('/blocked/own', { method: 'POST', body: new Uint8Array(100_000) });
      return window.app.fetch('upload', request);
    });
    await reportOf(page, 'upload');
    assert.equal(server.requests('/blocked/own').length, 1);
    const { fetches } = await page.evaluate(() => window.app.seenByWorker());
    assert.deepEqual(
      fetches.filter((url) => url.includes('/blocked/own')),
      [],
    );
    await assertNothingLeft(page);
  });

  // In a page that no worker controls: in others, WebKitGTK 2.50 sends what the worker leaves alone without asking.
  test('an upload across origins is asked for where CORS has it, and only there', async (context) => {
    const { server } = context;
    const cors = { origin: '*', expose: [] };
    server.file('/simple', { size: 10, cors });
    server.file('/asked', { size: 10, cors });
    server.file('/json', { size: 10, cors });
    server.file('/forbidden', { size: 10, cors: { ...cors, preflight: false } });
    // With it the records end.
    server.file('/held', { size: 10, stallAfter: 1 });
    const page = await context.openPage({ polyfill: true, worker: 'self.a = 1;', scope: '/app/' });
    const report = await page.evaluate(
      async ([simple, asked, json, forbidden]) => {
        const { backgroundFetch } = await navigator.serviceWorker.getRegistration('/app/');
        const headers = { 'Content-Type': 'application/json' };
        const registration = await backgroundFetch.fetch('upload', [
          new Request(simple, { method: 'POST', body: 'x'.repeat(100_000) }),
          new Request(asked, { method: 'PUT', body: new Uint8Array(100_000) }),
          new Request(json, { method: 'POST', body: '{}', headers }),
          new Request(forbidden, { method: 'POST', body: '{}', headers }),
          '/held',
        ]);
        const records = (await registration.matchAll()).slice(0, -1);
        const outcome = ({ responseReady }) =>
          responseReady.then(
            ({ status, body }) => body.cancel().then(() => status),
            ({ name }) => name,
          );
        return Promise.all(records.map(outcome));
      },
      ['/simple', '/asked', '/json', '/forbidden'].map((path) => server.otherUrl(path)),
    );
    assert.deepEqual(report, [200, 200, 200, 'TypeError']);
    const asked = ['/simple', '/asked', '/json'].map((path) => server.preflights(path).length);
    assert.deepEqual(asked, [0, 1, 1], 'nothing is asked that a plain fetch() would not ask');
    assert.equal(server.requests('/forbidden').length, 0);
    server.release('/held');
    await assertNothingLeft(page);
  });

  test("a request's body is taken over", async (context) => {
    const { server } = context;
    server.file('/upload', { size: 10 });
    const page = await openApp(context);
    const seen = await page.evaluate(async () => {
      const request = new Request('/upload', { method: 'POST', body: 'abc' });
      const begun = window.app.fetch('upload', request);
      const taken = request.bodyUsed || (await begun, request.bodyUsed);
      const again = await window.app.fetch('other', request).catch((error) => error.name);
      await begun;
      return { taken, again };
    });
    assert.deepEqual(seen, { taken: true, again: 'TypeError' });
    await reportOf(page, 'upload');
    await assertNothingLeft(page);
  });
});
