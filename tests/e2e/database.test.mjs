import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertHashes, assertNothingLeft, openApp, reportOf } from './app.mjs';
import { forEachEngine } from './harness.mjs';

const MIB = 1 << 20;

/** What pages of these tests have beside the app: what the console was told, and the polyfill's database. */
const TOOLS = `<script>
window.told = [];
const { error } = console;
console.error = (...parts) => {
  told.push(parts.map(String).join(' '));
  error.apply(console, parts);
};
window.escaped = [];
addEventListener('error', ({ message }) => escaped.push(message));
addEventListener('unhandledrejection', ({ reason }) => escaped.push(String(reason)));
window.opened = (version) => new Promise((resolve, reject) => {
  const request = indexedDB.open('background-fetch', version);
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
window.deleted = () => new Promise((resolve, reject) => {
  const request = indexedDB.deleteDatabase('background-fetch');
  request.onblocked = () => resolve('it is blocked');
  request.onsuccess = () => resolve(true);
  request.onerror = () => reject(request.error);
});
/** Does something to the stores, and resolves when it is stored. */
window.change = async (work) => {
  const database = await opened();
  const transaction = database.transaction([...database.objectStoreNames], 'readwrite');
  const completed = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  await work((name) => transaction.objectStore(name));
  await completed;
  database.close();
};
window.keysOf = (store) => new Promise((resolve) => {
  store.getAllKeys().onsuccess = ({ target }) => resolve(target.result);
});
</script>`;

const open = (context, options = {}) => openApp(context, { before: TOOLS, ...options });

/** A fetch that is paused after its first bytes; \`films\` are its files. */
async function beginAndPause(context, paths = ['/film']) {
  const { server } = context;
  context.films = paths.map((path) => server.file(path, { size: 6 * MIB, throttle: 1.5 * MIB }));
  const page = await open(context);
  await page.evaluate((urls) => window.app.fetch('film', urls), paths);
  await page.waitFor((least) => window.app.state('film').downloaded >= least, 2 * MIB);
  await page.evaluate(() => window.backgroundFetchPolyfill.pause(window.app.registrations.film));
  await server.until(() => server.requests().every(({ done }) => done));
  return page;
}

async function resume(page, { films }) {
  for (const film of films) film.update({ throttle: undefined });
  await page.waitFor(() => window.app);
  if (!(await page.evaluate(() => window.app.find('film')))) return;
  await page.evaluate(() => window.backgroundFetchPolyfill.resume(window.app.registrations.film));
}

async function assertNothingEscaped(page) {
  assert.deepEqual(await page.evaluate(() => window.escaped), []);
}

forEachEngine('database', ({ engine, test }) => {
  test('a newer version of the database is left alone, and says so', async (context) => {
    const page = await beginAndPause(context);
    const kept = await page.evaluate(async () => {
      const database = await window.opened(99);
      const transaction = database.transaction(['fetches', 'chunks']);
      const [fetches, chunks] = await Promise.all(
        ['fetches', 'chunks'].map((name) => window.keysOf(transaction.objectStore(name))),
      );
      database.close();
      return [fetches.length, chunks.length];
    });
    assert.ok(kept[0] === 1 && kept[1] > 0, 'what was there is there');
    const errors = await page.evaluate(async () => {
      const { backgroundFetch } = await window.app.registration();
      const name = (promise) => promise.then(String, (error) => error.name);
      return Promise.all([
        name(backgroundFetch.fetch('other', '/film')),
        name(backgroundFetch.get('film')),
        name(backgroundFetch.getIds()),
        name(window.app.registrations.film.abort()),
        name(window.app.registrations.film.matchAll()),
      ]);
    });
    assert.deepEqual(errors, Array(5).fill('InvalidStateError'));
    await page.reload();
    await page.waitFor(() => window.told?.some((text) => text.includes('newer version')));
    await page.waitFor(() => window.app);
    assert.equal(await page.evaluate(() => window.told.length), 1, 'once');
    await assertNothingEscaped(page);
  });

  test('a fetch that an earlier version began goes on', async (context) => {
    const { server } = context;
    const page = await beginAndPause(context);
    // A page with the polyfill would make the database anew.
    server.page('/tools', TOOLS);
    await page.goto(server.url('/tools'));
    await page.evaluate(async () => {
      const database = await window.opened();
      const names = ['chunks', 'fetches', 'probes', 'progress', 'records', 'requests'];
      const transaction = database.transaction(names);
      const all = (name) =>
        new Promise((resolve) => {
          const store = transaction.objectStore(name);
          store.getAllKeys().onsuccess = ({ target: { result: keys } }) => {
            store.getAll().onsuccess = ({ target }) =>
              resolve(keys.map((key, at) => [key, target.result[at]]));
          };
        });
      const rows = await Promise.all(names.map(all));
      // A Blob does not outlive its database everywhere.
      for (const row of rows[names.indexOf('chunks')]) row[1] = await new Response(row[1]).arrayBuffer();
      database.close();
      // In this order, with nobody between them.
      window.deleted();
      // What version 1 made.
      await new Promise((resolve, reject) => {
        const request = indexedDB.open('background-fetch', 1);
        request.onupgradeneeded = ({ target: { result } }) => {
          for (const [at, name] of names.entries()) {
            const store = result.createObjectStore(name);
            if (name === 'fetches') store.createIndex('active', 'active', { unique: true });
            for (const [key, value] of rows[at]) store.put(value, key);
          }
        };
        request.onsuccess = () => resolve(request.result.close());
        request.onerror = () => reject(request.error);
      });
    });
    await page.goto(server.url('/'));
    await page.waitFor(() => window.app);
    await page.evaluate(() => window.app.find('film'));
    const found = await page.evaluate(async () => {
      const record = await window.app.registrations.film.match('/film#elsewhere');
      return [record?.request.url, (await window.app.registrations.film.match('/other')) ?? null];
    });
    assert.deepEqual(found, [server.url('/film'), null]);
    await resume(page, context);
    const report = await reportOf(page, 'film');
    assert.equal(report.type, 'backgroundfetchsuccess');
    await assertHashes(page, server, 'film', ['/film']);
    assert.ok(server.requests('/film').at(-1).range, 'from where it was');
    await assertNothingLeft(page);
    await assertNothingEscaped(page);
  });

  /** A fetch that runs in one page and is shown in another, of which a response is waited for that does not come. */
  async function runInTwoPages(context) {
    const { server } = context;
    server.file('/film', { size: 40 * MIB, throttle: 3 * MIB });
    server.file('/late', { size: MIB, stallAfter: 0, delay: 60_000 });
    server.file('/other', { size: 3 * MIB });
    const page = await open(context);
    await page.evaluate(() => window.app.fetch('film', ['/film', '/late']));
    const other = await open(context, { again: true });
    await other.evaluate(async () => {
      await window.app.find('film');
      const record = await window.app.registrations.film.match('/late');
      record.responseReady.catch(({ name }) => (window.rejected = name));
      // What reads later has its answer later: it has been looked for by then, and is waited for.
      await window.app.registrations.film.match('/late');
    });
    for (const shown of [page, other]) {
      await shown.waitFor((least) => window.app.state('film').downloaded >= least, MIB);
    }
    return [page, other];
  }

  async function assertEndsVisibly(pages) {
    for (const page of pages) {
      await page.waitFor(() => !window.app.state('film').recordsAvailable);
      const { result, failureReason } = await page.evaluate(() => window.app.progress.film.at(-1));
      assert.deepEqual([result, failureReason], ['failure', 'aborted']);
    }
    const [page, other] = pages;
    await other.waitFor(() => window.rejected);
    assert.equal(await other.evaluate(() => window.rejected), 'AbortError');
    await page.waitFor(() => window.app.find('film').then((found) => !found));
  }

  async function assertWorksAgain(page, { server }) {
    await page.evaluate(() => window.app.fetch('film', '/other'));
    const report = await reportOf(page, 'film');
    assert.equal(report.type, 'backgroundfetchsuccess');
    await assertHashes(page, server, 'film', ['/other']);
    await assertNothingLeft(page);
    await assertNothingEscaped(page);
  }

  /** Regression: the fetch was shown as running for ever. */
  test('a database that is deleted under a running fetch takes the fetch with it, and no more', async (context) => {
    const [page, other] = await runInTwoPages(context);
    assert.equal(await page.evaluate(() => window.deleted()), true);
    await assertEndsVisibly([page, other]);
    await context.server.until(() => context.server.requests('/film').every(({ done }) => done));
    await other.close();
    await assertWorksAgain(page, context);
  });

  test('a site whose data is cleared under a running fetch works again in the same page', async (context) => {
    const { server } = context;
    const pages = await runInTwoPages(context);
    server.page('/clear', '', { headers: { 'clear-site-data': '"storage"' } });
    await pages[0].evaluate(() => fetch('/clear').then(() => true));
    await assertEndsVisibly(pages);
    await pages[1].close();
    await pages[0].evaluate(async () => {
      // The worker went with the data.
      const registration = await navigator.serviceWorker.register('/service-worker.js');
      window.app.registration = async () => registration;
    });
    await pages[0].waitFor(() =>
      window.app.registration().then(({ active }) => active?.state === 'activated'),
    );
    await assertWorksAgain(pages[0], context);
  });

  test('a database that is gone at the next start is begun anew', async (context) => {
    const { server } = context;
    const page = await beginAndPause(context);
    await page.goto(server.url('/blank'));
    await page.evaluate(() =>
      new Promise((resolve, reject) => {
        Object.assign(indexedDB.deleteDatabase('background-fetch'), { onsuccess: resolve, onerror: reject });
      }).then(() => true),
    );
    const again = await open(context, { again: true });
    await page.close();
    assert.equal(await again.evaluate(() => window.app.find('film')), undefined);
    server.file('/other', { size: MIB });
    await again.evaluate(() => window.app.fetch('film', '/other'));
    await reportOf(again, 'film');
    await assertHashes(again, server, 'film', ['/other']);
    await assertNothingLeft(again);
  });

  test('rows that belong to no fetch are swept once a day, and the fetch beside them goes on', async (context) => {
    const { server } = context;
    const page = await beginAndPause(context);
    const before = await page.evaluate(() => window.app.rows());
    await page.evaluate(() =>
      window.change((store) => {
        const gone = '0123456789abcdef0123';
        store('progress').put({ runner: 'many' }, gone);
        store('requests').put({}, [gone, 0]);
        for (let index = 0; index < 50; index += 1) store('records').put({}, [gone, index]);
        store('chunks').put(new ArrayBuffer(9), [gone, 0, 0]);
        // A newer version may have written these.
        store('fetches').put({ foreign: true }, 'x');
        store('fetches').put('text', 17);
        store('fetches').put({ uid: 'another', active: ['', ''] }, 'y');
        store('progress').put({}, new Date(0));
        store('records').put({}, ['', 1]);
        store('chunks').put('text', 'key');
        store('chunks').put('text', ['other']);
        store('chunks').put('text', [[], 1]);
        store('probes').delete('sweptAt');
      }),
    );
    await page.reload();
    await page.waitFor(async (rows) => window.app && (await window.app.rows()) === rows, before + 8);
    const told = await page.evaluate(() => window.told);
    assert.equal(told.length, 4, told.join('\n'));
    await page.evaluate(() =>
      window.change((store) => {
        for (const key of ['x', 17, 'y']) store('fetches').delete(key);
        store('progress').delete(new Date(0));
        store('records').delete(['', 1]);
        for (const key of ['key', ['other'], [[], 1]]) store('chunks').delete(key);
        store('progress').put({}, '0123456789abcdef4567');
      }),
    );
    await page.reload();
    await resume(page, context);
    await reportOf(page, 'film');
    await assertHashes(page, server, 'film', ['/film']);
    // It was swept a moment ago: what was put there since is left, when the rows of the fetch are gone.
    await page.waitFor(async () => (await window.app.rows()) === 1);
    await page.evaluate(() => window.change((store) => store('progress').clear()));
    await assertNothingLeft(page);
    await assertNothingEscaped(page);
  });

  const damages = {
    'the record': (store) => store('records').openCursor(),
    'its progress': (store) => store('progress').openCursor(),
    'its last bytes': (store) => store('chunks').openCursor(null, 'prev'),
  };
  for (const [what, openCursor] of Object.entries(damages)) {
    test(`a fetch is whole in the end though ${what} could not be read`, async (context) => {
      const { server } = context;
      const page = await beginAndPause(context);
      await page.evaluate(
        (source) =>
          window.change(
            (store) =>
              new Promise((resolve) => {
                new Function('store', `return (${source})(store)`)(store).onsuccess = ({ target }) => {
                  target.result.update('garbage');
                  resolve();
                };
              }),
          ),
        String(openCursor),
      );
      await page.reload();
      await resume(page, context);
      const report = await reportOf(page, 'film');
      assert.equal(report.type, 'backgroundfetchsuccess');
      await assertHashes(page, server, 'film', ['/film']);
      await assertNothingLeft(page);
      await assertNothingEscaped(page);
    });
  }

  test('a request that cannot be read fails alone', async (context) => {
    const { server } = context;
    const page = await beginAndPause(context, ['/film', '/other']);
    await page.evaluate(() =>
      window.change(async (store) => {
        const [key] = await window.keysOf(store('requests'));
        store('requests').put('garbage', key);
      }),
    );
    await page.reload();
    await resume(page, context);
    const report = await reportOf(page, 'film');
    assert.deepEqual([report.type, report.failureReason], ['backgroundfetchfail', 'fetch-error']);
    await assertHashes(page, server, 'film', ['/other']);
    await assertNothingLeft(page);
  });

  const skip = engine !== 'chromium' && 'only Chromium tells';
  test('what the browser deletes as damaged is told of, and the rest works', { skip }, async (context) => {
    const profile = await mkdtemp(join(tmpdir(), 'bed-damaged-'));
    context.t.after(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
    const { server } = context;
    server.file('/film', { size: MIB, stallAfter: MIB / 2 });
    const first = await context.launch({ profile });
    const page = await open(context, { browser: first });
    await page.evaluate(() => window.app.fetch('film', '/film'));
    await page.waitFor(() => window.app.state('film').downloaded > 0);
    await first.kill();
    const files = await readdir(profile, { recursive: true });
    const manifests = files.filter((file) => /IndexedDB.*MANIFEST-\d+$/.test(file));
    assert.equal(manifests.length, 1);
    await writeFile(join(profile, manifests[0]), 'damaged');

    const again = await open(context, { browser: await context.launch({ profile }), again: true });
    await again.waitFor(() => window.told.some((message) => message.includes('deleted its database')));
    server.release('/film');
    await again.evaluate(() => window.app.fetch('film', '/film'));
    await reportOf(again, 'film');
    await assertHashes(again, server, 'film', ['/film']);
    await assertNothingLeft(again);
  });
});
