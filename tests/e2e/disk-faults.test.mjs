import assert from 'node:assert/strict';
import { assertHashes, assertNothingLeft, openApp, reportOf } from './app.mjs';
import { forEachEngine } from './harness.mjs';

const MIB = 1 << 20;
const SIZE = 3 * MIB;

/**
 * What a disk may do, as a script ahead of the polyfill. `put` is called in place of IDBObjectStore.prototype.put with the
 * store, the arguments, and the one that works.
 */
const FAULTS = {
  'transactions that are aborted': {
    put: `(store, args, put) => {
      const request = put(...args);
      if (store.name === 'chunks' && (window.count = (window.count ?? 0) + 1) % 2) store.transaction.abort();
      return request;
    }`,
  },
  'transactions that fail with an error of the disk': {
    put: `(store, args, put) => {
      if (store.name === 'progress' && (window.count = (window.count ?? 0) + 1) === 3) {
        throw new DOMException('The disk failed', 'UnknownError');
      }
      return put(...args);
    }`,
  },
  'Blobs that are refused': {
    put: `(store, args, put) => {
      if (args[0] instanceof Blob) throw new DOMException('No Blobs here', 'DataCloneError');
      return put(...args);
    }`,
    kinds: ['ArrayBuffer'],
  },
  'Blobs whose transactions are aborted': {
    put: `(store, args, put) => {
      const request = put(...args);
      if (args[0] instanceof Blob) store.transaction.abort();
      return request;
    }`,
    kinds: ['ArrayBuffer'],
  },
  'Blobs that are never stored': {
    put: `(store, args, put) => {
      if (!(args[0] instanceof Blob)) return put(...args);
      // A transaction with requests does not end.
      const spin = () => { try { store.get(0).onsuccess = spin; } catch {} };
      spin();
      return store.count();
    }`,
    kinds: ['ArrayBuffer'],
  },
  'Blobs that are refused only after a while': {
    put: `(store, args, put) => {
      if (store.name === 'chunks' && args[0] instanceof Blob) throw new DOMException('No more Blobs', 'DataCloneError');
      return put(...args);
    }`,
    kinds: ['ArrayBuffer'],
  },
};

const before = (put) => `<script>{
  const native = IDBObjectStore.prototype.put;
  const put = ${put};
  window.kinds = new Set();
  IDBObjectStore.prototype.put = function (...args) {
    return put(this, args, (...rest) => {
      if (this.name === 'chunks') kinds.add(args[0].constructor.name);
      return native.apply(this, rest);
    });
  };
}</script>`;

/** Throws where what is stored would be more than so many bytes, as a full disk does. */
const fullAfter = (bytes) => `(store, args, put) => {
  const length = args[0].size ?? args[0].byteLength ?? 0;
  if (store.name === 'chunks' && (window.stored = (window.stored ?? 0) + length) > ${bytes}) {
    throw new DOMException('The disk is full', 'QuotaExceededError');
  }
  return put(...args);
}`;

/**
 * What becomes of connections, as a script ahead of the polyfill. `connections.end()` makes those that are open dead, as
 * WebKit does on iOS; `hang` of what never answers: 'open', or the stores that a transaction begins with. Time limits
 * come ten times sooner.
 */
const CONNECTIONS = `<script>{
  const connections = (window.connections = { opened: new Set(), dead: new WeakSet(), hang: null, hanging: 0, told: [] });
  connections.end = () => {
    for (const database of connections.opened) connections.dead.add(database);
    connections.opened.clear();
  };
  const { open } = IDBFactory.prototype;
  IDBFactory.prototype.open = function (...args) {
    if (connections.hang === 'open' && args[0] === 'background-fetch') {
      connections.hanging += 1;
      return {};
    }
    return open.apply(this, args);
  };
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (stores, ...rest) {
    if (connections.dead.has(this)) throw new DOMException('The database connection is closing', 'InvalidStateError');
    connections.opened.add(this);
    const begun = transaction.call(this, stores, ...rest);
    if (connections.hang && String(stores).startsWith(connections.hang)) {
      connections.hanging += 1;
      // A transaction with requests does not end.
      const store = begun.objectStore(stores[0]);
      const spin = () => { try { store.get(0).onsuccess = spin; } catch {} };
      spin();
      begun.addEventListener('abort', () => { connections.hanging -= 1; });
      begun.objectStore = () => new Proxy(store, { get: () => () => ({}) });
    }
    return begun;
  };
  const { setTimeout: native } = window;
  window.setTimeout = (call, time, ...args) => native(call, time >= 2000 ? time / 10 : time, ...args);
  const { error } = console;
  console.error = (...parts) => {
    connections.told.push(parts.map(String).join(' '));
    error.apply(console, parts);
  };
}</script>`;

forEachEngine('disk faults', ({ engine, test }) => {
  /** Regression: every method was rejected until the page was loaded again, and the fetch stood still. */
  test('a connection that is dead is replaced, for methods and for a running fetch', async (context) => {
    const { server } = context;
    server.file('/film', { size: SIZE, stallAfter: 2 * MIB });
    server.file('/other', { size: MIB });
    const page = await openApp(context, { before: CONNECTIONS });
    await page.evaluate(() => window.app.fetch('film', '/film'));
    await page.waitFor((least) => window.app.state('film').downloaded >= least, MIB);
    const answers = await page.evaluate(async () => {
      const { backgroundFetch } = await window.app.registration();
      const film = window.app.registrations.film;
      const answer = (promise) => promise.then(() => 'resolved', String);
      const found = [];
      for (const call of [
        () => backgroundFetch.get('film'),
        () => backgroundFetch.getIds(),
        () => film.matchAll(),
        () =>
          film
            .match('/film')
            .then((record) => record.responseReady)
            .then(({ body }) => body.cancel()),
        () => window.backgroundFetchPolyfill.pause(film),
        () => window.backgroundFetchPolyfill.resume(film),
        () => window.app.fetch('other', '/other'),
      ]) {
        window.connections.end();
        found.push(await answer(call()));
      }
      window.connections.end();
      return found;
    });
    assert.deepEqual(answers, Array(7).fill('resolved'));
    server.release('/film');
    for (const id of ['film', 'other']) {
      assert.equal((await reportOf(page, id)).type, 'backgroundfetchsuccess');
      await assertHashes(page, server, id, [`/${id}`]);
    }
    await assertNothingLeft(page);
  });

  /** Regression: the promises never settled. */
  test('a database that does not open rejects methods, and is tried again', async (context) => {
    const { server } = context;
    server.file('/film', { size: MIB });
    const page = await openApp(context, { before: CONNECTIONS.replace('hang: null', "hang: 'open'") });
    const errors = await page.evaluate(async () => {
      const { backgroundFetch } = await window.app.registration();
      const name = (promise) => promise.then(String, (error) => error.name);
      return Promise.all([
        name(backgroundFetch.fetch('film', '/film')),
        name(backgroundFetch.get('film')),
        name(backgroundFetch.getIds()),
      ]);
    });
    assert.deepEqual(errors, Array(3).fill('TimeoutError'));
    assert.ok(
      await page.evaluate(() => window.connections.told.some((text) => text.includes('does not open'))),
    );
    await page.evaluate(() => {
      window.connections.hang = null;
      return window.app.fetch('film', '/film').then(() => true);
    });
    await reportOf(page, 'film');
    await assertHashes(page, server, 'film', ['/film']);
    await assertNothingLeft(page);
  });

  test('a transaction that never answers is given up, and the fetch is whole in the end', async (context) => {
    const { server } = context;
    server.file('/film', { size: SIZE, throttle: 2 * MIB, stallAfter: 2 * MIB });
    const page = await openApp(context, { before: CONNECTIONS });
    await page.evaluate(() => window.app.fetch('film', '/film'));
    await page.waitFor((least) => window.app.state('film').downloaded >= least, MIB);
    await page.evaluate(() => {
      window.connections.hang = 'progress';
    });
    server.release('/film');
    await page.waitFor(() => window.connections.hanging > 0);
    await page.evaluate(() => {
      window.connections.hang = null;
    });
    const error = await page.evaluate(async () => {
      const { backgroundFetch } = await window.app.registration();
      return backgroundFetch.get('film').then(String, ({ name }) => name);
    });
    assert.ok(['TimeoutError', '[object BackgroundFetchRegistration]'].includes(error), error);
    const report = await reportOf(page, 'film');
    assert.deepEqual([report.type, report.rejected], ['backgroundfetchsuccess', []]);
    assert.equal(await page.evaluate(() => window.connections.hanging), 0, 'it is aborted');
    assert.ok(
      await page.evaluate(() =>
        window.connections.told.some((text) => text.includes('progress, records, chunks')),
      ),
    );
    await assertHashes(page, server, 'film', ['/film']);
    await assertNothingLeft(page);
  });

  for (const [what, { put, kinds }] of Object.entries(FAULTS)) {
    test(`a fetch is whole in the end in spite of ${what}`, async (context) => {
      const { server } = context;
      for (const path of ['/film', '/other']) server.file(path, { size: SIZE, throttle: 3 * MIB });
      const page = await openApp(context, { before: before(put) });
      await page.evaluate(() => window.app.fetch('film', ['/film', '/other']));
      const report = await reportOf(page, 'film');
      assert.deepEqual([report.type, report.rejected], ['backgroundfetchsuccess', []]);
      await assertHashes(page, server, 'film', ['/film', '/other']);
      if (kinds) assert.deepEqual(await page.evaluate(() => [...window.kinds]), kinds);
      await assertNothingLeft(page);
    });
  }

  /** Regression: one commit that failed switched to ArrayBuffers for as long as the page lived. */
  test('Blobs are tried again with the next fetch', async (context) => {
    const { server } = context;
    for (const path of ['/first', '/second']) server.file(path, { size: MIB });
    const refuse = `(store, args, put) => {
      if (!window.accepts && store.name === 'chunks' && args[0] instanceof Blob) throw new DOMException('No', 'DataCloneError');
      return put(...args);
    }`;
    const page = await openApp(context, { before: before(refuse) });
    await page.evaluate(() => window.app.fetch('first', '/first'));
    await reportOf(page, 'first');
    assert.deepEqual(await page.evaluate(() => [...window.kinds]), ['ArrayBuffer']);
    await page.evaluate(() => {
      window.accepts = true;
      window.kinds.clear();
      return window.app.fetch('second', '/second').then(() => true);
    });
    await reportOf(page, 'second');
    const expected = engine === 'webkit-private' ? 'ArrayBuffer' : 'Blob';
    assert.deepEqual(await page.evaluate(() => [...window.kinds]), [expected]);
    await assertHashes(page, server, 'second', ['/second']);
    await assertNothingLeft(page);
  });

  test('a full disk ends the fetch, and what is complete can be read', async (context) => {
    const { server } = context;
    server.file('/small', { size: MIB / 2 });
    server.file('/film', { size: 8 * MIB, throttle: 8 * MIB });
    const page = await openApp(context, { before: before(fullAfter(4 * MIB)) });
    await page.evaluate(() => window.app.fetch('film', ['/small', '/film']));
    const report = await reportOf(page, 'film');
    assert.deepEqual([report.type, report.failureReason], ['backgroundfetchfail', 'quota-exceeded']);
    assert.deepEqual(report.stored, [['/small', 200]]);
    assert.deepEqual(report.rejected, [['/film', 'TypeError']]);
    await assertHashes(page, server, 'film', ['/small']);
    await assertNothingLeft(page);
  });

  /** A page whose origin may store about so many bytes. */
  async function openWithQuota(context, bytes) {
    if (engine === 'chromium') {
      const page = await openApp(context);
      await page.limitStorage(context.server.origin, bytes);
      return page;
    }
    const browser = await context.launch({ quota: bytes });
    // WebKit (2.50) does not count Blobs.
    const countedBytes = { before: before(FAULTS['Blobs that are refused'].put) };
    return openApp(context, { browser, ...(engine === 'webkit' && countedBytes) });
  }

  const skip = engine === 'webkit-private' && 'WebKitGTK takes no quota for an ephemeral session';
  test('so does the quota of the browser', { skip }, async (context) => {
    const { server } = context;
    server.file('/small', { size: MIB / 2 });
    server.file('/film', { size: 60 * MIB });
    const page = await openWithQuota(context, 20 * MIB);
    await page.evaluate(() => window.app.fetch('film', ['/small', '/film']));
    const report = await reportOf(page, 'film');
    assert.deepEqual([report.type, report.failureReason], ['backgroundfetchfail', 'quota-exceeded']);
    assert.deepEqual(report.stored, [['/small', 200]]);
    await assertNothingLeft(page);
  });
});
