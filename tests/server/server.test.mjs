import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { startServer } from './server.mjs';

const MIB = 1 << 20;

describe('test server', () => {
  let server;
  beforeEach(async () => {
    server = await startServer();
  });
  afterEach(() => server.close());

  const get = (path, headers = {}, init = {}) => fetch(server.url(path), { headers, ...init });
  const bytesOf = async (response) => Buffer.from(await response.arrayBuffer());

  /** Undici hides what a broken answer looks like; this gives what came before the end. */
  function raw(path, headers = {}) {
    return new Promise((resolve, reject) => {
      const request = httpRequest(server.url(path), { headers, agent: false }, (response) => {
        const parts = [];
        const done = (complete) => resolve({ response, body: Buffer.concat(parts), complete });
        response.on('data', (part) => parts.push(part));
        response.on('end', () => done(response.complete));
        response.on('error', () => done(false));
      });
      request.on('error', reject);
      request.end();
    });
  }

  test('serves a whole file with all its headers', async () => {
    server.file('/a.mp4', { size: 3 * MIB + 5, seed: 1 });
    const response = await get('/a.mp4');
    const body = await bytesOf(response);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-length'), String(3 * MIB + 5));
    assert.equal(response.headers.get('content-type'), 'video/mp4');
    assert.equal(response.headers.get('accept-ranges'), 'bytes');
    assert.match(response.headers.get('etag'), /^".+"$/);
    assert.ok(Date.parse(response.headers.get('last-modified')));
    assert.equal(createHash('sha256').update(body).digest('hex'), server.sha256('/a.mp4'));
    assert.equal(server.sent('/a.mp4'), 3 * MIB + 5);
  });

  test('serves ranges as HTTP demands', async () => {
    server.file('/a', { size: 10_000 });
    const whole = server.bytes('/a');
    /** @type {[string, number, number][]} */
    const ranges = [
      ['bytes=0-0', 0, 1],
      ['bytes=100-199', 100, 200],
      ['bytes=4095-4097', 4095, 4098],
      ['bytes=9000-', 9000, 10_000],
      ['bytes=9000-20000', 9000, 10_000],
      ['bytes=-3', 9997, 10_000],
      ['bytes=-20000', 0, 10_000],
    ];
    for (const [range, start, end] of ranges) {
      const response = await get('/a', { range });
      assert.equal(response.status, 206, range);
      assert.equal(response.headers.get('content-range'), `bytes ${start}-${end - 1}/10000`);
      assert.deepEqual(await bytesOf(response), whole.subarray(start, end), range);
    }
    for (const range of ['bytes=10000-', 'bytes=-0']) {
      const response = await get('/a', { range });
      assert.equal(response.status, 416, range);
      assert.equal(response.headers.get('content-range'), 'bytes */10000');
    }
    for (const range of ['bytes=0-1,4-5', 'bytes=5-2', 'lines=0-1', 'bytes=-']) {
      assert.equal((await bytesOf(await get('/a', { range }))).length, 10_000, range);
    }
  });

  test('content is a function of the offset, also far out', async () => {
    server.file('/big', { size: 8 * 2 ** 30 });
    const at = 6 * 2 ** 30 + 12345;
    const one = await bytesOf(await get('/big', { range: `bytes=${at}-${at + 9999}` }));
    const two = await bytesOf(await get('/big', { range: `bytes=${at + 5000}-${at + 9999}` }));
    assert.deepEqual(one.subarray(5000), two);
    const shifted = await bytesOf(await get('/big', { range: `bytes=${at + MIB}-${at + MIB + 9999}` }));
    assert.notDeepEqual(one, shifted);
  });

  test('honours If-Range, If-None-Match and If-Match', async () => {
    server.file('/a', { size: 100, etag: '"v1"', lastModified: 'Fri, 02 Jan 2026 00:00:00 GMT' });
    const status = async (headers) => (await get('/a', headers)).status;
    const range = 'bytes=1-2';
    assert.equal(await status({ range, 'if-range': '"v1"' }), 206);
    assert.equal(await status({ range, 'if-range': '"v2"' }), 200);
    server.file('/careless', { size: 100, etag: '"v1"', ignoreIfRange: true });
    assert.equal(
      (await fetch(server.url('/careless'), { headers: { range, 'if-range': '"v2"' } })).status,
      206,
    );
    assert.equal(await status({ range, 'if-range': 'W/"v1"' }), 200);
    assert.equal(await status({ range, 'if-range': 'Fri, 02 Jan 2026 00:00:00 GMT' }), 206);
    assert.equal(await status({ range, 'if-range': 'Fri, 02 Jan 2026 00:00:01 GMT' }), 200);
    assert.equal(await status({ 'if-none-match': '"v0", W/"v1"' }), 304);
    assert.equal(await status({ 'if-none-match': '"v0"' }), 200);
    assert.equal(await status({ 'if-match': '"v0"' }), 412);
    assert.equal(await status({ 'if-modified-since': 'Fri, 02 Jan 2026 00:00:00 GMT' }), 304);
  });

  test('answers HEAD without a body', async () => {
    server.file('/a', { size: 100 });
    const response = await get('/a', {}, { method: 'HEAD' });
    assert.equal(response.headers.get('content-length'), '100');
    assert.equal((await bytesOf(response)).length, 0);
    assert.equal(server.sent('/a'), 0);
  });

  test('a script sees each request and its number', async () => {
    server.file('/a', {
      body: 'ok',
      etag: (request, n) => `"${n}"`,
      script: (request, n) => (n === 0 ? { status: 503, headers: { 'Retry-After': '1', ETag: null } } : {}),
    });
    const first = await get('/a');
    assert.equal(first.status, 503);
    assert.equal(first.headers.get('retry-after'), '1');
    assert.equal(first.headers.get('etag'), null);
    const second = await get('/a');
    assert.equal(await second.text(), 'ok');
    assert.equal(second.headers.get('etag'), '"1"');
    assert.deepEqual(
      server.requests('/a').map(({ status }) => status),
      [503, 200],
    );
    server.resetCounts();
    assert.equal((await get('/a')).status, 503);
  });

  test('throttles one file, and all connections together', async () => {
    server.file('/slow', { size: 50_000, throttle: 100_000 });
    let begin = performance.now();
    await bytesOf(await get('/slow'));
    const own = performance.now() - begin;
    assert.ok(own > 400 && own < 5_000, `${own} ms`);

    server.file('/a', { size: 50_000 });
    server.throttleTotal = 200_000;
    begin = performance.now();
    await Promise.all([1, 2].map(async () => bytesOf(await get('/a'))));
    const total = performance.now() - begin;
    assert.ok(total > 400 && total < 5_000, `${total} ms`);
  });

  test('a throttled response can be let go', async () => {
    const file = server.file('/a', { size: 10 * MIB, throttle: 10_000 });
    const response = await get('/a');
    await server.until(() => server.sent('/a') > 0);
    file.update({ throttle: undefined });
    assert.equal((await bytesOf(response)).length, 10 * MIB);
  });

  test('holds a response until it is released', async () => {
    server.file('/a', { size: 100_000, stallAfter: 40_000 });
    const response = await get('/a');
    await server.until(() => server.sent('/a') === 40_000);
    server.release('/a');
    assert.equal((await bytesOf(response)).length, 100_000);
  });

  test('cuts the body after the given bytes', async () => {
    server.file('/a', { size: MIB, cutAfter: 300_000 });
    const { body, complete } = await raw('/a');
    assert.equal(complete, false);
    assert.equal(body.length, 300_000);
    assert.deepEqual(body, server.bytes('/a', 0, 300_000));
    assert.equal(server.requests('/a')[0].cut, true);
    assert.equal(server.requests('/a')[0].aborted, false);
  });

  test('cuts before and within the headers, or never answers', async () => {
    server.file('/before', { size: 1, cutHeaders: true });
    server.file('/middle', { size: 1, cutHeaders: 'middle' });
    server.file('/never', { size: 1, never: true });
    await assert.rejects(raw('/before'));
    await assert.rejects(raw('/middle'));
    const abort = new AbortController();
    const never = fetch(server.url('/never'), { signal: abort.signal });
    await server.until(() => server.requests('/never').length === 1);
    abort.abort();
    await assert.rejects(never, { name: 'AbortError' });
    await server.until(() => server.requests('/never')[0].aborted);
  });

  test('lies about ranges', async () => {
    server.file('/ignores', { size: 100, ignoreRange: true });
    const ignored = await get('/ignores', { range: 'bytes=1-2' });
    assert.equal(ignored.status, 200);
    assert.equal(ignored.headers.get('accept-ranges'), null);
    server.file('/head', { size: 100, contentRange: (correct) => correct.replace('/100', '/*') });
    assert.equal((await get('/head', { range: 'bytes=1-2' })).headers.get('content-range'), 'bytes 1-2/*');
    server.file('/body', { size: 100, bodyRange: ({ start, end }) => ({ start: start + 1, end }) });
    const wrong = await get('/body', { range: 'bytes=10-19' });
    assert.equal(wrong.headers.get('content-range'), 'bytes 10-19/100');
    assert.deepEqual(await bytesOf(wrong), server.bytes('/body', 11, 20));
  });

  test('compresses where the client accepts it', async () => {
    for (const coding of ['gzip', 'br']) {
      server.file('/a', { body: 'a'.repeat(100_000), [coding]: true });
      const response = await get('/a', { 'accept-encoding': coding });
      assert.equal(response.headers.get('content-encoding'), coding);
      assert.equal(response.headers.get('content-length'), null);
      assert.equal(await response.text(), 'a'.repeat(100_000));
      assert.equal(
        (await get('/a', { 'accept-encoding': 'identity' })).headers.get('content-encoding'),
        null,
      );
    }
  });

  test('codes ranges, and tells the length of a code, when told to', async () => {
    const options = { body: 'a'.repeat(1000), gzip: true };
    server.file('/a', { ...options, codedRanges: true });
    // Browsers do not accept codings when they ask for a range.
    const part = await get('/a', { 'accept-encoding': 'identity', range: 'bytes=990-' });
    assert.equal(part.status, 206);
    assert.equal(part.headers.get('content-encoding'), 'gzip');
    assert.equal(part.headers.get('content-range'), 'bytes 990-999/1000');
    assert.equal(await part.text(), 'a'.repeat(10));
    server.file('/b', { ...options, codedLength: true });
    const { response, body, complete } = await raw('/b', { 'accept-encoding': 'gzip' });
    assert.equal(complete, true);
    assert.equal(response.headers['content-encoding'], 'gzip');
    assert.equal(Number(response.headers['content-length']), body.length);
    assert.equal(gunzipSync(body).toString(), options.body);
  });

  test('lets a body end with its connection', async () => {
    server.file('/a', { size: 100, untilClose: true });
    const { response, body, complete } = await raw('/a');
    assert.equal(complete, true);
    assert.equal(body.length, 100);
    assert.equal(response.headers['content-length'], undefined);
    assert.equal(response.headers['transfer-encoding'], undefined);
  });

  test('sends bodies without, above and below the announced length', async () => {
    server.file('/chunked', { size: 100, noContentLength: true });
    const chunked = await raw('/chunked');
    assert.equal(chunked.response.headers['content-length'], undefined);
    assert.equal(chunked.body.length, 100);
    server.file('/shorter', { size: 100, shorter: 10 });
    const shorter = await raw('/shorter');
    assert.equal(shorter.complete, false);
    assert.equal(shorter.body.length, 90);
    server.file('/longer', { size: 100, longer: 10 });
    await raw('/longer').catch(() => {});
    assert.equal(server.sent('/longer'), 110);
    server.file('/endless', { endless: true });
    const abort = new AbortController();
    await fetch(server.url('/endless'), { signal: abort.signal });
    await server.until(() => server.sent('/endless') > 200_000);
    abort.abort();
    await server.until(() => server.requests('/endless')[0].aborted);
  });

  test('redirects', async () => {
    server.file('/to', { body: 'there' });
    server.file('/from', { redirect: { to: '/to', status: 307 } });
    const response = await get('/from');
    assert.equal(response.redirected, true);
    assert.equal(await response.text(), 'there');
  });

  test('speaks CORS only when told to', async () => {
    server.file('/none', { size: 1 });
    server.file('/any', { size: 1, cors: true });
    server.file('/some', { size: 1, cors: { credentials: true, expose: ['ETag', 'Content-Range'] } });
    const asked = (path, init = {}) =>
      fetch(server.otherUrl(path), { ...init, headers: { origin: server.origin, ...init.headers } });
    assert.equal((await asked('/none')).headers.get('access-control-allow-origin'), null);
    assert.equal((await asked('/any')).headers.get('access-control-allow-origin'), '*');
    const some = await asked('/some');
    assert.equal(some.headers.get('access-control-allow-origin'), server.origin);
    assert.equal(some.headers.get('access-control-expose-headers'), 'ETag, Content-Range');
    const headers = { 'access-control-request-method': 'PUT', 'access-control-request-headers': 'x-a' };
    const preflight = await asked('/any', { method: 'OPTIONS', headers });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get('access-control-allow-methods'), 'PUT');
    assert.equal(preflight.headers.get('access-control-allow-headers'), 'x-a');
    assert.equal(server.requests('/any').length, 1);
    assert.equal(server.preflights('/any').length, 1);
  });

  test('records uploads', async () => {
    server.file('/up', { body: 'thanks' });
    const body = Buffer.alloc(5 * MIB, 7);
    const response = await get('/up', { 'content-type': 'application/x-a' }, { method: 'POST', body });
    assert.equal(await response.text(), 'thanks');
    const [record] = server.requests('/up');
    assert.equal(record.bodyLength, 5 * MIB);
    assert.equal(record.bodySha256, createHash('sha256').update(body).digest('hex'));
    assert.equal(record.contentType, 'application/x-a');
    assert.ok(record.at <= performance.now());
  });

  test('can be switched off and on again at the same address', async () => {
    server.file('/a', { size: 100, stallAfter: 10 });
    const cut = raw('/a');
    await server.until(() => server.sent('/a') === 10);
    await server.stop();
    assert.equal((await cut).complete, false);
    await assert.rejects(raw('/a'), { code: 'ECONNREFUSED' });
    await server.restart();
    server.release('/a');
    assert.equal((await raw('/a')).body.length, 100);
  });

  test('serves directories, and nothing outside of them', async () => {
    server.mount('/tests', import.meta.dirname ?? new URL('.', import.meta.url).pathname);
    const response = await get('/tests/server.test.mjs');
    assert.match(response.headers.get('content-type'), /javascript/);
    assert.match(await response.text(), /nothing outside of them/);
    assert.equal((await raw('/tests/..%2f..%2fpackage.json')).response.statusCode, 404);
    assert.equal((await get('/nothing')).status, 404);
  });

  test('is quick enough to be no bottleneck', async (t) => {
    server.file('/big', { size: 512 * MIB });
    const begin = performance.now();
    let length = 0;
    for await (const part of (await get('/big')).body) length += part.length;
    assert.equal(length, 512 * MIB);
    t.diagnostic(`${Math.round(512 / ((performance.now() - begin) / 1000))} MiB/s`);
  });
});
