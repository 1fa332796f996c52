import assert from 'node:assert/strict';
import { forEachEngine } from './harness.mjs';
import { openClient, openLibrary, serveManifest, storeSet, untilSet } from './open-library.mjs';

const MIB = 1 << 20;
const SONGS = { '/music/one.mp3': MIB, '/music/two.mp3': 3 * MIB };

function serveSongs(server, songs = SONGS) {
  for (const [path, size] of Object.entries(songs)) server.file(path, { size, type: 'audio/mpeg' });
  serveManifest(server, { music: Object.keys(songs) });
}

const ask = (page, ...args) => page.evaluate((...given) => window.library.ask(...given), ...args);
const get = (page, ...args) => page.evaluate((...given) => window.library.get(...given), ...args);

forEachEngine('storage manager', ({ engine, test }) => {
  test('a set is stored, and its files are served without a network', async (context) => {
    const { server } = context;
    serveSongs(server);
    const page = await openLibrary(context);
    const before = await ask(page, 'GET');
    assert.equal(before.status, 200);
    const [set] = before.body.sets;
    assert.deepEqual([set.id, set.state, set.size, set.fileCount], ['music', 'absent', 4 * MIB, 2]);
    await storeSet(page, 'music');
    assert.equal((await page.evaluate(() => window.library.count('chunks'))) > 0, true);
    await page.waitFor(async () => (await window.library.count('fetches')) === 0);
    await server.close();
    for (const [path, size] of Object.entries(SONGS)) {
      const whole = await get(page, path);
      assert.deepEqual([whole.status, whole.length, whole.hash], [200, size, server.sha256(path)]);
      assert.equal(whole.headers['content-type'], 'audio/mpeg');
      assert.equal(whole.headers['accept-ranges'], 'bytes');
      const part = await get(page, path, { range: `bytes=${size - 10}-` });
      assert.deepEqual([part.status, part.length], [206, 10]);
      assert.equal(part.headers['content-range'], `bytes ${size - 10}-${size - 1}/${size}`);
    }
    const after = await ask(page, 'GET');
    assert.equal(after.body.sets[0].state, 'stored', 'the last manifest is known');
    assert.equal(after.body.storage.stored, 4 * MIB);
  });

  test('a set is removed, and leaves nothing', async (context) => {
    const { server } = context;
    serveSongs(server);
    const page = await openLibrary(context);
    await storeSet(page, 'music');
    const { status } = await ask(page, 'DELETE', { id: 'music' });
    assert.equal(status, 200);
    await untilSet(page, 'music', 'absent');
    for (const store of ['chunks', 'kept', 'files']) {
      assert.equal(await page.evaluate((name) => window.library.count(name), store), 0, store);
    }
    const before = server.requests('/music/one.mp3').length;
    const again = await get(page, '/music/one.mp3');
    assert.equal(again.hash, server.sha256('/music/one.mp3'));
    assert.equal(server.requests('/music/one.mp3').length, before + 1, 'it comes from the server again');
  });

  test('an update fetches what has changed, and the version before serves until then', async (context) => {
    const { server } = context;
    serveSongs(server);
    const page = await openLibrary(context);
    await storeSet(page, 'music');
    const old = server.sha256('/music/two.mp3');
    const before = server.requests('/music/one.mp3').length;
    const { headers } = await get(page, '/music/two.mp3', { range: 'bytes=0-0' });
    server.file('/music/two.mp3', { size: 2 * MIB, seed: 'new', type: 'audio/mpeg', throttle: MIB });
    serveManifest(server, { music: Object.keys(SONGS) });
    await untilSet(page, 'music', 'outdated');
    await ask(page, 'POST', { id: 'music' });
    await untilSet(page, 'music', 'fetching');
    assert.equal((await get(page, '/music/two.mp3')).hash, old);
    await untilSet(page, 'music', 'stored');
    assert.equal((await get(page, '/music/two.mp3')).hash, server.sha256('/music/two.mp3'));
    assert.equal(server.requests('/music/one.mp3').length, before);
    const mixed = await get(page, '/music/two.mp3', { range: 'bytes=0-9', 'if-range': headers.etag });
    assert.deepEqual([mixed.status, mixed.length], [200, 2 * MIB], 'ranges of two versions do not mix');
    assert.equal(await page.evaluate(() => window.library.count('kept')), 2);
  });

  test('a file of two sets is stored once, and goes with the last', async (context) => {
    const { server } = context;
    for (const [path, size] of Object.entries(SONGS)) server.file(path, { size });
    serveManifest(server, { all: Object.keys(SONGS), one: ['/music/one.mp3'] });
    const page = await openLibrary(context);
    await storeSet(page, 'all');
    const before = server.requests('/music/one.mp3').length;
    await storeSet(page, 'one');
    assert.equal(server.requests('/music/one.mp3').length, before);
    await ask(page, 'DELETE', { id: 'all' });
    assert.equal(await page.evaluate(() => window.library.count('files')), 1);
    await server.close();
    assert.equal((await get(page, '/music/one.mp3')).hash, server.sha256('/music/one.mp3'));
    await ask(page, 'DELETE', { id: 'one' });
    assert.equal(await page.evaluate(() => window.library.count('chunks')), 0);
  });

  if (engine === 'chromium') {
    test("what the browser's own API has fetched is stored in the same way", async (context) => {
      const { server } = context;
      serveSongs(server, { ...SONGS, '/music/three.mp3': 20 * MIB, '/music/empty.mp3': 0 });
      const page = await openLibrary(context, { polyfill: false });
      assert.ok(await page.evaluate(() => /native code/.test(String(BackgroundFetchManager))));
      const refused = await ask(page, 'POST', { id: 'music' });
      assert.match(refused.body.detail, /only a page can begin a background fetch here/);
      await openClient(page);
      await storeSet(page, 'music');
      const paused = await ask(page, 'PATCH', { id: 'music', paused: true });
      assert.equal(paused.status, 409);
      for (const path of ['/music/two.mp3', '/music/three.mp3', '/music/empty.mp3']) {
        assert.equal((await get(page, path)).hash, server.sha256(path), path);
      }
      server.file('/music/two.mp3', { size: 2 * MIB, seed: 'new', type: 'audio/mpeg' });
      serveManifest(server, { music: ['/music/two.mp3', '/music/three.mp3'] });
      await untilSet(page, 'music', 'outdated');
      await storeSet(page, 'music');
      await server.close();
      assert.equal((await get(page, '/music/two.mp3')).hash, server.sha256('/music/two.mp3'));
      assert.equal((await get(page, '/music/three.mp3')).hash, server.sha256('/music/three.mp3'));
      await ask(page, 'DELETE');
      for (const store of ['chunks', 'kept', 'files', 'fetches']) {
        assert.equal(await page.evaluate((name) => window.library.count(name), store), 0, store);
      }
    });
  }

  test("other requests and events are the app's", async (context) => {
    const { server } = context;
    serveSongs(server);
    server.file('/other', { size: 10 });
    const page = await openLibrary(context);
    await storeSet(page, 'music');
    assert.equal(await page.evaluate(async () => (await fetch('/own')).text()), 'from the app');
    assert.equal((await get(page, '/other')).length, 10);
    await page.evaluate(async () => {
      const { backgroundFetch } = await navigator.serviceWorker.ready;
      await backgroundFetch.fetch('mine', '/other');
    });
    await page.waitFor(async () => (await window.library.passed()).includes('backgroundfetchsuccess mine'));
    const passed = await page.evaluate(() => window.library.passed());
    assert.ok(passed.includes('/own') && passed.includes('/other'));
    assert.ok(
      !passed.some((what) => what.startsWith('/music/') || what.includes('storage-manager')),
      String(passed),
    );
  });

  test('what a worker that has just started does not know is found out, and then passed on', async (context) => {
    const { server } = context;
    serveSongs(server);
    server.file('/other', { size: 10 });
    const page = await openLibrary(context);
    await storeSet(page, 'music');
    // A new worker of the same registration knows nothing yet.
    await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      await registration.unregister();
    });
    await page.close();
    const before = server.requests('/music/one.mp3').length;
    const next = await openLibrary(context);
    const answers = await next.evaluate(async () => [
      await (await fetch('/own')).text(),
      (await window.library.get('/other')).length,
      (await window.library.get('/music/one.mp3')).hash,
    ]);
    assert.deepEqual(answers, ['from the app', 10, server.sha256('/music/one.mp3')]);
    assert.equal(server.requests('/music/one.mp3').length, before);
  });

  test('a failure is told, and can be tried again', async (context) => {
    const { server } = context;
    serveSongs(server);
    // A page of an error has another hash.
    serveManifest(server, { music: Object.keys(SONGS) }, { '/music/two.mp3': { integrity: undefined } });
    const song = server.file('/music/two.mp3', { status: 404, body: 'gone' });
    const page = await openLibrary(context);
    await ask(page, 'POST', { id: 'music' });
    await untilSet(page, 'music', 'failed');
    const { failureReason } = await page.evaluate(() => window.library.set('music'));
    assert.equal(failureReason, 'bad-status');
    song.update({ status: undefined, body: undefined, size: SONGS['/music/two.mp3'] });
    await storeSet(page, 'music');
  });

  test('a fetch is paused, resumed, attached to, and aborted', async (context) => {
    const { server } = context;
    server.file('/music/one.mp3', { size: 4 * MIB, throttle: 256 << 10 });
    serveManifest(server, { music: ['/music/one.mp3'] });
    const page = await openLibrary(context);
    await ask(page, 'POST', { id: 'music' });
    await untilSet(page, 'music', 'fetching');
    const attached = await ask(page, 'POST', { id: 'music' });
    assert.deepEqual([attached.status, attached.body.state], [202, 'fetching']);
    assert.equal((await ask(page, 'PATCH', { id: 'music', paused: true })).status, 200);
    await untilSet(page, 'music', 'paused');
    assert.equal((await ask(page, 'PATCH', { id: 'music', paused: false })).status, 200);
    await untilSet(page, 'music', 'fetching');
    await ask(page, 'DELETE', { id: 'music' });
    await untilSet(page, 'music', 'absent');
    await server.until(() => server.requests('/music/one.mp3').every(({ done }) => done));
  });

  test('what the endpoint cannot take is a problem', async (context) => {
    const { server } = context;
    serveSongs(server);
    const page = await openLibrary(context);
    for (const [status, method, ...rest] of [
      [404, 'POST', { id: 'none' }],
      [404, 'DELETE', { id: 'none' }],
      [404, 'PATCH', { id: 'music', pinned: true }],
      [409, 'PATCH', { id: 'music', paused: true }],
      [400, 'PATCH', { id: 'music' }],
      [400, 'PATCH', { id: 'music', pinned: 1 }],
      [400, 'POST', {}],
      [400, 'POST', { id: 1 }],
      [400, 'POST', '[]'],
      [400, 'POST', 'null'],
      [400, 'POST', '{'],
      [415, 'POST', '{"id":"music"}', { 'content-type': 'text/plain' }],
      [415, 'POST', 'id=music', { 'content-type': 'application/x-www-form-urlencoded' }],
      [405, 'PUT', { id: 'music' }],
    ]) {
      const answer = await ask(page, method, ...rest);
      const what = `${method} ${JSON.stringify(rest)}: ${JSON.stringify(answer)}`;
      assert.deepEqual(
        [answer.status, answer.type, answer.body.status],
        [status, 'application/problem+json', status],
        what,
      );
      assert.equal(typeof answer.body.detail, 'string');
    }
    assert.equal((await page.evaluate(() => window.library.set('music'))).state, 'absent');
    /** @type {[string, RegExp][]} */
    const bad = [
      ['<!doctype html>', /not JSON/],
      [
        '{"version":1,"sets":[{"id":"a","files":[{"url":"//elsewhere.example/a"}]}]}',
        /sets\[0\]\.files\[0\]\.url/,
      ],
    ];
    for (const [body, detail] of bad) {
      server.file('/manifest.json', { body });
      const answer = await ask(page, 'GET');
      assert.equal(answer.status, 502);
      assert.match(answer.body.detail, detail);
    }
  });

  test('the least recently used make room, but for those that are pinned', async (context) => {
    const { server } = context;
    const paths = ['/a', '/b', '/c', '/d'];
    for (const path of paths) server.file(path, { size: MIB });
    serveManifest(server, Object.fromEntries(paths.map((path) => [path.slice(1), [path]])));
    const page = await openLibrary(context, { storage: { budget: { maxBytes: 2.5 * MIB } } });
    await storeSet(page, 'a');
    await storeSet(page, 'b');
    await ask(page, 'PATCH', { id: 'a', pinned: true });
    await storeSet(page, 'c');
    const states = async () => {
      const { body } = await ask(page, 'GET');
      return Object.fromEntries(body.sets.map(({ id, state }) => [id, state]));
    };
    assert.deepEqual(await states(), { a: 'stored', b: 'absent', c: 'stored', d: 'absent' });
    await ask(page, 'PATCH', { id: 'c', pinned: true });
    const refused = await ask(page, 'POST', { id: 'd' });
    assert.equal(refused.status, 507);
    assert.deepEqual([refused.body.needed, refused.body.missing], [MIB, 0.5 * MIB]);
    assert.equal(server.requests('/d').length, 0);
  });
});
