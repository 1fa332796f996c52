import assert from 'node:assert/strict';
import { assertHashes, assertNothingLeft, openApp, releaseWhenShown, reportOf } from './app.mjs';
import { forEachEngine } from './harness.mjs';
import { cutWhenSeen } from './server-faults/answers.mjs';

const MIB = 1 << 20;

/** Fetches requests and gives what a page sees of each response, in their order. */
async function responsesTo(page, requests, expression) {
  return page.evaluate(
    async (list, source) => {
      const make = ([url, init]) => new Request(url, init);
      // eslint-disable-next-line no-eval -- The test's own expression.
      const describe = (0, eval)(source);
      const see = async ({ responseReady }) => describe(await responseReady);
      return window.app.whileRecordsLast(async () => {
        await window.app.fetch('set', list.map(make));
        const records = await window.app.registrations.set.matchAll();
        return Promise.all(
          records.map((record) => see(record).catch((error) => `${error.name}: ${error.message}`)),
        );
      });
    },
    requests,
    expression,
  );
}

const EVERYTHING = `async (response) => {
  const { status, statusText, ok, url, redirected, type, body } = response;
  const clone = response.clone();
  const same = ['status', 'statusText', 'ok', 'url', 'redirected', 'type'].every((name) => clone[name] === response[name]);
  const length = (await response.arrayBuffer()).byteLength;
  return { status, statusText, ok, url, redirected, type, hasBody: body !== null, length, same,
    clonedLength: (await clone.arrayBuffer()).byteLength, isResponse: response instanceof Response };
}`;

/** Notes whenever something is made of a Blob. */
const WATCHING = `
const NativeBlob = Blob;
self.madeOfBlobs = [];
for (const name of ['Blob', 'Request', 'Response']) {
  const Native = self[name];
  self[name] = new Proxy(Native, {
    construct(target, given, newTarget) {
      const parts = [given[0], given[1]?.body].flat();
      if (parts.some((part) => part instanceof NativeBlob)) self.madeOfBlobs.push(name);
      return Reflect.construct(target, given, newTarget);
    },
  });
}
`;

forEachEngine('responses', ({ test }) => {
  test('status, address and type are those of the platform, also on a clone', async (context) => {
    const { server } = context;
    server.file('/plain', { size: 1000 });
    server.file('/theirs', { size: 1000, cors: true });
    server.file('/moved', { redirect: '/plain' });
    server.file('/created', { size: 10, status: 201 });
    server.file('/missing', { body: 'nothing here', status: 404 });
    server.file('/broken', { body: 'oh', status: 500 });
    server.file('/empty', { size: 0 });
    const page = await openApp(context);
    const theirs = server.otherUrl('/theirs');
    const paths = ['/plain#fragment', '/moved', theirs, '/created', '/missing', '/broken', '/empty'];
    const seen = await responsesTo(
      page,
      paths.map((path) => [path]),
      EVERYTHING,
    );
    const basic = { ok: true, redirected: false, type: 'basic', hasBody: true, same: true, isResponse: true };
    const expected = (status, statusText, url, length, rest = {}) => ({
      ...basic,
      ...{ status, statusText, url, length, clonedLength: length, ok: status < 300 },
      ...rest,
    });
    assert.deepEqual(seen, [
      expected(200, 'OK', server.url('/plain'), 1000),
      expected(200, 'OK', server.url('/plain'), 1000, { redirected: true }),
      expected(200, 'OK', theirs, 1000, { type: 'cors' }),
      expected(201, 'Created', server.url('/created'), 10),
      expected(404, 'Not Found', server.url('/missing'), 12),
      expected(500, 'Internal Server Error', server.url('/broken'), 2),
      expected(200, 'OK', server.url('/empty'), 0),
    ]);
    const report = await reportOf(page, 'set');
    assert.equal(report.failureReason, 'bad-status');
    assert.deepEqual(report.rejected, []);
    await assertNothingLeft(page);
  });

  test('responses without a body, and files without a byte, are complete', async (context) => {
    const { server } = context;
    server.file('/nothing', { status: 204 });
    server.file('/reset', { status: 205 });
    server.file('/head', { size: 5000 });
    server.file('/empty', { size: 0 });
    server.file('/unannounced', { size: 0, noContentLength: true });
    const page = await openApp(context);
    const requests = [['/nothing'], ['/reset'], ['/head', { method: 'HEAD' }], ['/empty'], ['/unannounced']];
    const seen = await responsesTo(
      page,
      requests,
      'async (response) => [response.status, (await response.text()).length]',
    );
    assert.deepEqual(seen, [
      [204, 0],
      [205, 0],
      [200, 0],
      [200, 0],
      [200, 0],
    ]);
    assert.equal((await reportOf(page, 'set')).type, 'backgroundfetchsuccess');
    await assertNothingLeft(page);
  });

  test('304 is a bad status', async (context) => {
    const { server } = context;
    server.file('/unchanged', { status: 304 });
    const page = await openApp(context);
    const headers = { 'If-None-Match': '"1"' };
    const seen = await responsesTo(
      page,
      [['/unchanged', { headers }]],
      'async (response) => [response.status, response.body, response.ok]',
    );
    assert.deepEqual(seen, [[304, null, false]]);
    assert.equal((await reportOf(page, 'set')).failureReason, 'bad-status');
    await assertNothingLeft(page);
  });

  test('redirects are followed, refused or left alone as the request says', async (context) => {
    const { server } = context;
    server.file('/plain', { size: 100 });
    server.file('/moved', { redirect: '/plain' });
    server.file('/away', { redirect: { to: server.otherUrl('/secret'), status: 307 } });
    server.file('/secret', { size: 100 });
    const page = await openApp(context);
    const seen = await responsesTo(
      page,
      [
        ['/moved'],
        ['/moved', { redirect: 'error' }],
        ['/moved', { redirect: 'manual' }],
        ['/away'],
        ['/plain', { redirect: 'error' }],
        ['/plain', { redirect: 'manual' }],
      ],
      'async ({ status, type, redirected }) => [status, type, redirected]',
    );
    const failed = 'TypeError: This request of the background fetch failed.';
    assert.deepEqual(seen, [
      [200, 'basic', true],
      failed,
      [0, 'opaqueredirect', false],
      failed,
      [200, 'basic', false],
      [200, 'basic', false],
    ]);
    await reportOf(page, 'set');
    await assertNothingLeft(page);
  });

  test('coded bodies arrive decoded', async (context) => {
    const { server } = context;
    const body = 'All work and no play. '.repeat(5000);
    server.file('/gzip', { body, gzip: true, type: 'text/plain' });
    server.file('/br', { body, br: true, type: 'text/plain' });
    const page = await openApp(context);
    const seen = await responsesTo(
      page,
      [['/gzip'], ['/br']],
      'async (response) => [(await response.text()).length, response.headers.get("Content-Type")]',
    );
    assert.deepEqual(seen[0], [body.length, 'text/plain']);
    // Chromium offers br to https alone; then it is not coded.
    assert.deepEqual(seen[1], [body.length, 'text/plain']);
    const report = await reportOf(page, 'set');
    assert.equal(report.downloaded, 2 * body.length, 'decoded bytes are counted');
    await assertNothingLeft(page);
  });

  test('headers are those of the response, without the lengths of its parts', async (context) => {
    const { server } = context;
    const cut = cutWhenSeen(2 * MIB);
    server.file('/file', {
      size: 4 * MIB,
      headers: { 'X-Mine': 'a, b', 'Content-Language': 'de' },
      type: 'audio/ogg',
      script: (_, n) => (n === 0 ? cut : {}),
    });
    const page = await openApp(context);
    const responses = responsesTo(
      page,
      [['/file']],
      `async (response) => {
        const { status, headers } = response;
        const names = ['Content-Type', 'X-Mine', 'Content-Language', 'Content-Length', 'Content-Range'];
        return [status, (await response.blob()).type, ...names.map((name) => headers.get(name))];
      }`,
    );
    await releaseWhenShown(page, server, { id: 'set', bytes: cut.cutAfter, paths: ['/file'] });
    assert.deepEqual(await responses, [[200, 'audio/ogg', 'audio/ogg', 'a, b', 'de', null, null]]);
    assert.match(server.requests('/file')[1].range, /^bytes=/);
    assert.equal((await reportOf(page, 'set')).type, 'backgroundfetchsuccess');
    await assertNothingLeft(page);
  });

  test('integrity is verified, also after a resume, and no wrong byte is shown', async (context) => {
    const { server } = context;
    const size = 6 * MIB;
    const paths = ['/right', '/wrong', '/resumed', '/cheat'];
    const cut = cutWhenSeen(size / 2);
    for (const path of paths) server.file(path, { size, stallAfter: 0 });
    server.file('/resumed', { size, script: (_, n) => (n === 0 ? cut : {}) });
    // The rest of another file, whose server claims that it is the same one.
    server.file('/cheat', {
      size,
      script: (_, n) => (n === 0 ? cut : { seed: 'other', ignoreIfRange: true }),
      etag: '"1"',
    });
    const integrityOf = (path) => `sha256-${Buffer.from(server.sha256(path), 'hex').toString('base64')}`;
    const wrong = `sha384-${'A'.repeat(64)}`;
    const page = await openApp(context);
    const responses = responsesTo(
      page,
      [
        ['/right', { integrity: integrityOf('/right') }],
        ['/wrong', { integrity: wrong }],
        ['/resumed', { integrity: integrityOf('/resumed') }],
        ['/cheat', { integrity: integrityOf('/cheat') }],
      ],
      'async (response) => (await response.arrayBuffer()).byteLength',
    );
    await releaseWhenShown(page, server, { id: 'set', bytes: size, paths });
    const failed = 'TypeError: This request of the background fetch failed.';
    assert.deepEqual(await responses, [size, failed, size, failed]);
    assert.match(server.requests('/resumed')[1].range, /^bytes=/);
    const report = await reportOf(page, 'set');
    assert.equal(report.failureReason, 'fetch-error');
    await assertNothingLeft(page);
  });

  test('record and response go into the cache as they are', async (context) => {
    const { server } = context;
    server.file('/file', { size: 300_000, type: 'audio/ogg', headers: { Vary: 'Accept-Language' } });
    const page = await openApp(context);
    await page.evaluate(() => {
      const headers = { 'Accept-Language': 'de' };
      return window.app.fetch('set', new Request('/file?1#2', { headers }));
    });
    await reportOf(page, 'set');
    const cached = await page.evaluate(async () => {
      const cache = await caches.open('set');
      const [request] = await cache.keys();
      const found = await cache.match('/file?1');
      const german = await cache.match(new Request('/file?1', { headers: { 'Accept-Language': 'de' } }));
      const { byteLength } = await german.clone().arrayBuffer();
      return [request.headers.get('Accept-Language'), found ?? null, byteLength, (await german.blob()).type];
    });
    assert.deepEqual(cached, ['de', null, 300_000, 'audio/ogg']);
    await assertNothingLeft(page);
  });

  /** Regression: Chromium (156) kills the process when the stored Blob is collected at that moment. */
  test('nothing is made of Blobs that the database gives', async (context) => {
    const { server } = context;
    const sizes = { '/tiny': 10_000, '/small': 400_000, '/large': 9 * MIB };
    for (const [path, size] of Object.entries(sizes)) server.file(path, { size });
    const worker = `${WATCHING}
addEventListener('message', ({ data, ports }) => data === 'made' && ports[0].postMessage(self.madeOfBlobs));`;
    const page = await openApp(context, { before: `<script>${WATCHING}</script>`, worker });
    const paths = Object.keys(sizes);
    const read = await page.evaluate(async (urls) => {
      const requests = [...urls, new Request('/tiny', { method: 'POST', body: 'sent' })];
      return window.app.whileRecordsLast(async () => {
        await window.app.fetch('set', requests);
        const records = await window.app.registrations.set.matchAll();
        const lengths = await Promise.all(
          records.map(async ({ responseReady }) => (await (await responseReady).arrayBuffer()).byteLength),
        );
        return [...lengths, await records.at(-1).request.text()];
      });
    }, paths);
    assert.deepEqual(read, [...Object.values(sizes), 10_000, 'sent']);
    await reportOf(page, 'set');
    const made = await page.evaluate(async () => {
      const { port1, port2 } = new MessageChannel();
      const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
      (await window.app.registration()).active.postMessage('made', [port2]);
      return { page: window.madeOfBlobs, worker: await answer };
    });
    assert.deepEqual(made, { page: [], worker: [] });
    await assertHashes(page, server, 'set', paths);
    await assertNothingLeft(page);
  });

  test("a record's request is the one that was given", async (context) => {
    const { server } = context;
    server.file('/file', { size: 10 });
    const page = await openApp(context);
    const seen = await page.evaluate(async () => {
      const given = new Request('/file?a=b#c', {
        method: 'PUT',
        body: 'abc',
        headers: { 'X-Mine': '1', 'Content-Type': 'text/x' },
        credentials: 'include',
        cache: 'no-store',
        redirect: 'error',
        referrerPolicy: 'no-referrer',
        integrity: 'sha256-x',
        mode: 'same-origin',
      });
      const NAMES = [
        'url',
        'method',
        'mode',
        'credentials',
        'cache',
        'redirect',
        'referrer',
        'referrerPolicy',
        'integrity',
      ];
      const expected = NAMES.map((name) => given[name]);
      const [record, other] = await window.app.whileRecordsLast(async () => {
        await window.app.fetch('set', given);
        const { set } = window.app.registrations;
        return [...(await set.matchAll()), ...(await set.matchAll())];
      });
      const { request, responseReady } = record;
      return {
        expected,
        found: NAMES.map((name) => request[name]),
        headers: [...request.headers],
        isRequest: request instanceof Request,
        body: await request.text(),
        isSame: record.request === request && record.responseReady === responseReady,
        isAnother: other !== record && other.request !== request,
        again: await other.request.text(),
      };
    });
    assert.deepEqual(seen.found, seen.expected);
    assert.deepEqual(seen.headers, [
      ['content-type', 'text/x'],
      ['x-mine', '1'],
    ]);
    const { isRequest, body, isSame, isAnother, again } = seen;
    assert.deepEqual([isRequest, body, isSame, isAnother, again], [true, 'abc', true, true, 'abc']);
    await reportOf(page, 'set');
    await assertNothingLeft(page);
  });

  test("a request's own Range is sent as it is", async (context) => {
    const { server } = context;
    server.file('/file', { size: 1000 });
    const page = await openApp(context);
    const seen = await responsesTo(
      page,
      [['/file', { headers: { Range: 'bytes=10-19' } }]],
      'async (response) => [response.status, (await response.arrayBuffer()).byteLength]',
    );
    assert.deepEqual(seen, [[206, 10]]);
    assert.equal((await reportOf(page, 'set')).type, 'backgroundfetchsuccess');
    await assertNothingLeft(page);
  });
});
