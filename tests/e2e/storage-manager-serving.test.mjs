import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { encodeWav } from '../../www/art/wav.mjs';
import { RANGE_CASES } from '../storage-manager/range-cases.mjs';
import { forEachEngine } from './harness.mjs';
import { openLibrary, serveManifest, storeSet } from './open-library.mjs';

const MIB = 1 << 20;
/** Chunks of a large file that was fetched at once are as long as that, or shorter. */
const LARGE = 40 * MIB;

const get = (page, ...args) => page.evaluate((...given) => window.library.get(...given), ...args);

/** What `Headers` takes as it is. */
const isSendable = (field) => /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/.test(field);

const hashOf = (server, start, end) =>
  createHash('sha256')
    .update(server.bytes('/film', start, end))
    .digest('hex');

/** Opens a page of an app that has stored a large file. */
async function openWithFilm(context) {
  const { server } = context;
  server.file('/film', { size: LARGE });
  serveManifest(server, { films: ['/film'] });
  const page = await openLibrary(context);
  await storeSet(page, 'films');
  return page;
}

/** Ten seconds of a tone that rises. */
function tone() {
  const rate = 8000;
  const samples = Float32Array.from({ length: 10 * rate }, (_, n) => Math.sin((n * n) / 2e5) / 4);
  return encodeWav(samples, samples, rate);
}

forEachEngine('serving stored files', ({ test }) => {
  test('Range fields are answered as RFC 9110 says', async (context) => {
    const { server } = context;
    const sizes = [0, 1, 1000];
    for (const size of sizes) server.file(`/${size}`, { size });
    serveManifest(server, { files: sizes.map((size) => `/${size}`) });
    const page = await openLibrary(context);
    await storeSet(page, 'files');
    await server.close();
    const cases = RANGE_CASES.filter(([field, size]) => sizes.includes(size) && isSendable(field));
    assert.ok(cases.length >= 60, `${cases.length} cases`);
    const answers = await page.evaluate(async (fields) => {
      const answered = [];
      for (const [range, size] of fields) {
        const response = await fetch(`/${size}`, { headers: { range } });
        const length = response.headers.get('content-length');
        const part = response.headers.get('content-range');
        const bytes = Array.from(new Uint8Array(await response.arrayBuffer()));
        answered.push({ status: response.status, part, length, bytes });
      }
      return answered;
    }, cases);
    for (const [at, [field, size, answer]] of cases.entries()) {
      const { status, part, length, bytes } = answers[at];
      const what = `${field} of ${size}`;
      const [start, end] = Array.isArray(answer) ? answer : [0, answer === 416 ? 0 : size];
      assert.equal(status, Array.isArray(answer) ? 206 : answer, what);
      assert.equal(length, String(end - start), what);
      assert.deepEqual(bytes, [...server.bytes(`/${size}`, start, end)], what);
      const told = answer === 416 ? `bytes */${size}` : `bytes ${start}-${end - 1}/${size}`;
      assert.equal(part, answer === 200 ? null : told, what);
    }
  });

  test('HEAD, preconditions and a version that is pinned', async (context) => {
    const { server } = context;
    server.file('/film', {
      size: 1000,
      etag: '"first"',
      headers: { 'Content-Disposition': 'inline', 'X-Own': 'kept' },
    });
    serveManifest(server, { films: ['/film'] });
    const page = await openLibrary(context);
    await storeSet(page, 'films');
    await server.close();
    const { status, headers, length } = await get(page, '/film', {}, { method: 'HEAD' });
    assert.deepEqual([status, length, headers['content-length']], [200, 0, '1000']);
    assert.deepEqual(
      [headers.etag, headers['x-own'], headers['content-encoding']],
      ['"first"', 'kept', undefined],
    );
    for (const [given, expected, bytes] of [
      [{ 'if-none-match': '"first"' }, 304, 0],
      [{ 'if-none-match': '"other"' }, 200, 1000],
      [{ 'if-modified-since': headers['last-modified'] }, 304, 0],
      [{ 'if-match': '"other"' }, 412, 0],
      [{ range: 'bytes=10-19', 'if-range': '"first"' }, 206, 10],
      [{ range: 'bytes=10-19', 'if-range': '"other"' }, 200, 1000],
      [{ range: 'bytes=10-19', 'if-range': 'W/"first"' }, 200, 1000],
    ]) {
      const answer = await get(page, '/film', given, { cache: 'no-store' });
      assert.deepEqual([answer.status, answer.length], [expected, bytes], JSON.stringify(given));
    }
  });

  test('a large file is served from its chunks, wherever a range begins', async (context) => {
    const { server } = context;
    const page = await openWithFilm(context);
    await server.close();
    assert.ok((await page.evaluate(() => window.library.count('chunks'))) > 1);
    assert.equal((await get(page, '/film')).hash, server.sha256('/film'));
    for (let start = 0; start < LARGE; start += 3 * MIB + 7) {
      const end = Math.min(start + 5 * MIB, LARGE);
      const answer = await get(page, '/film', { range: `bytes=${start}-${end - 1}` });
      assert.deepEqual([answer.status, answer.length], [206, end - start]);
      assert.equal(answer.hash, hashOf(server, start, end), `from ${start} on`);
    }
  });

  test('a chunk that is gone is an error, and no early end', async (context) => {
    const page = await openWithFilm(context);
    await page.evaluate(async () => {
      const database = await new Promise((resolve) => {
        indexedDB.open('background-fetch').onsuccess = ({ target }) => resolve(target.result);
      });
      const transaction = database.transaction(['chunks', 'progress'], 'readwrite');
      const store = transaction.objectStore('chunks');
      store.openKeyCursor(null, 'prev').onsuccess = ({ target }) => store.delete(target.result.primaryKey);
      await new Promise((resolve) => (transaction.oncomplete = resolve));
      database.close();
    });
    const read = async (range) => {
      try {
        const response = await fetch('/film', { headers: { range } });
        return (await response.arrayBuffer()).byteLength;
      } catch (error) {
        return error.name;
      }
    };
    assert.equal(await page.evaluate(read, 'bytes=0-9'), 10);
    assert.equal(await page.evaluate(read, 'bytes=0-'), 'TypeError');
  });

  test('sound plays and is sought in, with and without crossorigin', async (context) => {
    const { server } = context;
    server.file('/tone.wav', { body: tone(), type: 'audio/wav' });
    serveManifest(server, { tones: ['/tone.wav'] });
    const page = await openLibrary(context);
    await storeSet(page, 'tones');
    await server.close();
    for (const crossOrigin of [null, 'anonymous']) {
      const { duration, position } = await page.evaluate(async (mode) => {
        const audio = new Audio();
        audio.crossOrigin = mode;
        audio.preload = 'auto';
        const until = (type) =>
          new Promise((resolve, reject) => {
            audio.addEventListener(type, resolve, { once: true });
            audio.addEventListener('error', () => reject(new Error(audio.error.message)), { once: true });
          });
        const known = until('loadedmetadata');
        audio.src = '/tone.wav';
        await known;
        const sought = until('seeked');
        audio.currentTime = 8;
        await sought;
        return { duration: audio.duration, position: audio.currentTime };
      }, crossOrigin);
      assert.ok(Math.abs(duration - 10) < 0.1, `${duration} s`);
      assert.ok(Math.abs(position - 8) < 0.2, `at ${position} s`);
    }
  });

  test('twenty requests at a time while somebody seeks', async (context) => {
    const { server } = context;
    const page = await openWithFilm(context);
    await server.close();
    const starts = Array.from({ length: 20 }, (_, n) => n * 2 * MIB);
    const hashes = await page.evaluate(
      (all, length) =>
        Promise.all(
          all.map(async (start) => {
            const { hash } = await window.library.get('/film', {
              range: `bytes=${start}-${start + length - 1}`,
            });
            return hash;
          }),
        ),
      starts,
      MIB,
    );
    assert.deepEqual(
      hashes,
      starts.map((start) => hashOf(server, start, start + MIB)),
    );
  });
});
