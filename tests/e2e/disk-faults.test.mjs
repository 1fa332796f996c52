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

forEachEngine('disk faults', ({ engine, test }) => {
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

  const skip = engine === 'webkit-private' && 'its driver cannot set a quota';
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
