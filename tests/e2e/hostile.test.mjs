import assert from 'node:assert/strict';
import { forEachEngine } from './harness.mjs';
import { assertUnharmed, openHostile } from './hostile/app.mjs';
import { forgeMessages } from './hostile/forge.mjs';
import { stealLock } from './hostile/steal.mjs';
import { ADDRESSES, HEADERS, LONG, STRANGE } from './hostile/strange-names.mjs';

/** The polyfill's locks, and whether the event waits for who holds one of them. */
const LOCKS = {
  'background-fetch': false,
  'background-fetch-delivery': true,
  'background-fetch-reading': true,
};

async function beginAndFind(path) {
  const backgroundFetch = await window.hostile.manager();
  const fetched = await backgroundFetch.fetch(path, path);
  await new Promise((resolve) => {
    fetched.onprogress = () => fetched.downloaded === 100_000 && resolve();
  });
  // The one before is there for a moment, and uids are in the order of creation.
  return (await window.hostile.uids()).sort().at(-1);
}

async function isWaitedFor(name) {
  const { held, pending } = await navigator.locks.query();
  const has = (locks) => locks.some((lock) => lock.name === name);
  return has(held) && has(pending);
}

const isTold = (path) => window.hostile.told.some(({ id }) => id === path);

const untilTold = (path) => window.hostile.until(() => window.hostile.told.some(({ id }) => id === path));

forEachEngine('hostile input', ({ test }) => {
  test('ids, titles and icons of any content do no harm, and ids come back as they were', async (context) => {
    const { server } = context;
    server.file('/silent', { never: true });
    const page = await openHostile(context);
    const wrong = await page.evaluate(async (names) => {
      const { hostile } = window;
      const backgroundFetch = await hostile.manager();
      const wrong = [];
      const check = (is, what, name = '') =>
        is || wrong.push(`${what} ${JSON.stringify(name.slice(0, 100))}`);
      const fetches = [];
      for (const name of names) {
        const icons = [{ src: name, label: name, sizes: name, type: name }];
        fetches.push(await backgroundFetch.fetch(name, '/silent', { title: name, icons }));
      }
      const ids = await backgroundFetch.getIds();
      check(ids.length === names.length, 'number of getIds()');
      for (const [index, name] of names.entries()) {
        check(fetches[index].id === name, 'id', name);
        check(ids[index] === name, 'getIds()', name);
        check((await backgroundFetch.get(name)) === fetches[index], 'get()', name);
        const again = await backgroundFetch.fetch(name, '/silent').catch((error) => error.name);
        check(again === 'TypeError', 'a second', name);
      }
      check((await backgroundFetch.get('valueOf')) === undefined, 'get() of what is not there');
      for (const fetched of fetches) await fetched.abort();
      await hostile.until(() => hostile.told.length >= names.length);
      const told = hostile.told.map(({ id }) => id);
      for (const name of names) check(told.filter((id) => id === name).length === 1, 'the event of', name);
      check((await backgroundFetch.getIds()).length === 0, 'getIds() in the end');
      return wrong;
    }, STRANGE);
    assert.deepEqual(wrong, []);
    await assertUnharmed(page);
  });

  test('addresses and headers of any content come back as they were, and arrive', async (context) => {
    const { server } = context;
    const urls = ADDRESSES.map((address) => new URL(address, server.origin));
    for (const { pathname } of urls) server.file(pathname, { body: 'here' });
    const page = await openHostile(context);
    const { expected, matched } = await page.evaluate(
      async (addresses, headers) => {
        const { hostile } = window;
        const backgroundFetch = await hostile.manager();
        const requests = addresses.map((address) => new Request(address, { headers }));
        const fetched = await backgroundFetch.fetch('held', requests);
        const expected = requests.map(({ url, method, headers }) => ({ url, method, headers: [...headers] }));
        const records = await Promise.all(requests.map((request) => fetched.matchAll(request)));
        // Of those that differ in their fragments only, each finds all.
        const matched = records.map((found, index) =>
          found.some(({ request }) => request.url === requests[index].url),
        );
        (await navigator.serviceWorker.ready).active.postMessage('go on');
        await hostile.until(() => hostile.told.length > 0);
        return { expected, matched };
      },
      ADDRESSES,
      HEADERS,
    );
    assert.ok(matched.every(Boolean), `${matched}`);
    const [event] = await page.evaluate(() => window.hostile.told);
    assert.equal(event.type, 'backgroundfetchsuccess');
    assert.deepEqual(event.requests, expected);
    const arrived = new Set(server.requests().map(({ url }) => url));
    for (const { pathname, search } of urls) assert.ok(arrived.has(pathname + search), pathname + search);
    const [{ headers }] = server.requests().filter(({ url }) => url === '/strange');
    assert.equal(headers.constructor, '__proto__');
    assert.equal(headers['x-twice'], 'one, two, "three');
    assert.equal(headers['x-long'].length, LONG);
    await assertUnharmed(page);
  });

  test('forged messages bring no event early, twice, or at all', async (context) => {
    const { server } = context;
    server.file('/film', { size: 300_000, stallAfter: 100_000 });
    server.file('/other', { size: 200_000, stallAfter: 100_000 });
    const page = await openHostile(context);
    const other = await openHostile(context, { again: true });
    const uids = await page.evaluate(async () => {
      const { hostile } = window;
      const backgroundFetch = await hostile.manager();
      window.fetches = [];
      for (const [id, url] of [
        ['held', '/film'],
        ['other', '/other'],
      ]) {
        const fetched = await backgroundFetch.fetch(id, url);
        window.fetches.push(fetched);
        await new Promise((resolve) => {
          fetched.onprogress = () => fetched.downloaded === 100_000 && resolve();
        });
      }
      return hostile.uids();
    });
    assert.equal(uids.length, 2);
    for (const forging of [page, other]) {
      const { own, seen } = await forging.evaluate(forgeMessages, uids);
      assert.equal(seen, forging === page ? own : 2 * own, 'what is not ours is left to the app');
    }
    assert.deepEqual(
      await page.evaluate(() => [window.hostile.begun, window.fetches.map((each) => each.result)]),
      [[], ['', '']],
    );

    server.release('/film');
    await page.evaluate(() => window.hostile.until(() => window.hostile.begun.includes('held')));
    // While its event is handled.
    await other.evaluate(forgeMessages, uids);
    await page.evaluate(async () => (await navigator.serviceWorker.ready).active.postMessage('go on'));
    await page.evaluate(() =>
      window.hostile.until(() => window.hostile.told.some(({ id }) => id === 'held')),
    );
    // After it, while the other one runs.
    await other.evaluate(forgeMessages, uids);
    server.release('/other');
    await page.evaluate(() => window.hostile.until(() => window.hostile.told.length === 2));
    await assertUnharmed(page);
    await assertUnharmed(other);
    const { begun, told } = await page.evaluate(() => window.hostile);
    assert.deepEqual(begun, ['held', 'other']);
    assert.deepEqual(
      told.map(({ type, id, downloaded, bodies }) => [type, id, downloaded, ...bodies]),
      [
        ['backgroundfetchsuccess', 'held', 300_000, server.sha256('/film')],
        ['backgroundfetchsuccess', 'other', 200_000, server.sha256('/other')],
      ],
    );
    assert.equal(server.sent('/film') + server.sent('/other'), 500_000, 'no byte is fetched twice');
  });

  test('a message that would be endless when written out is ignored', async (context) => {
    const { server } = context;
    server.file('/one', { body: 'one' });
    const page = await openHostile(context);
    await page.evaluate(async () => {
      // Small to clone, for all of it is shared, and 2^100 times as large as text.
      /** @type {any} */
      let shared = 'x';
      for (let depth = 0; depth < 100; depth += 1) shared = [shared, shared];
      const cyclic = [];
      cyclic.push(cyclic);
      const channel = new BroadcastChannel('background-fetch-polyfill');
      for (const value of [cyclic, { cyclic }, { shared }]) {
        channel.postMessage(value);
        channel.postMessage({ kind: value, uid: 'x' });
        channel.postMessage({ kind: 'progressed', uid: value });
        channel.postMessage({ kind: 'progressed', uid: 'x', records: [value] });
      }
      const backgroundFetch = await window.hostile.manager();
      await backgroundFetch.fetch('one', '/one');
      await window.hostile.until(() => window.hostile.told.length > 0);
    });
    await assertUnharmed(page);
  });

  for (const [pages, count] of Object.entries({ 'from one page': 1, 'between two pages': 2 })) {
    test(`locks that are stolen ${pages} cost no bytes and no event`, async (context) => {
      const { server } = context;
      const page = await openHostile(context);
      const thief = count === 1 ? page : await openHostile(context, { again: true });
      for (const [kind, delays] of Object.entries(LOCKS)) {
        const path = `/${kind}`;
        server.file(path, { size: 300_000, stallAfter: 100_000 });
        const uid = await page.evaluate(beginAndFind, path);
        const lock = `${kind}:${uid}`;
        await thief.evaluate(stealLock, lock, 5);
        server.release(path);
        if (delays) {
          await page.waitFor(isWaitedFor, lock);
          assert.equal(await page.evaluate(isTold, path), false);
        } else {
          await page.evaluate(untilTold, path);
        }
        await thief.evaluate(() => window.giveBack());
        await page.evaluate(untilTold, path);
        await assertUnharmed(page);
        const told = await page.evaluate(() => window.hostile.told.splice(0));
        assert.deepEqual(
          told.map(({ type, id, downloaded, bodies }) => [type, id, downloaded, ...bodies]),
          [['backgroundfetchsuccess', path, 300_000, server.sha256(path)]],
        );
        assert.equal(server.sent(path), 300_000, `bytes on the wire with ${kind}`);
      }
    });
  }

  test('a fetch whose lock is stolen and given back goes on in whichever page gets it', async (context) => {
    const { server } = context;
    server.file('/film', { size: 300_000, stallAfter: 100_000 });
    const page = await openHostile(context);
    const other = await openHostile(context, { again: true });
    const uid = await page.evaluate(beginAndFind, '/film');
    await other.waitFor(isWaitedFor, `background-fetch:${uid}`);
    await page.evaluate(stealLock, `background-fetch:${uid}`, 1);
    await page.evaluate(() => window.giveBack());
    await server.until(() => server.requests('/film').length === 2);
    server.release('/film');
    await page.evaluate(untilTold, '/film');
    await assertUnharmed(page);
    await assertUnharmed(other);
    const told = await page.evaluate(() => window.hostile.told);
    assert.deepEqual(
      told.map(({ type, downloaded, bodies }) => [type, downloaded, ...bodies]),
      [['backgroundfetchsuccess', 300_000, server.sha256('/film')]],
    );
    assert.equal(server.requests('/film')[1].range, 'bytes=100000-');
    assert.ok(server.sent('/film') <= 500_000, `${server.sent('/film')} bytes`);
  });
});
