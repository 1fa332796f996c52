import assert from 'node:assert/strict';
import { assertNothingLeft } from './app.mjs';
import { forEachEngine } from './harness.mjs';
import { begin, ELEMENT, openShelf, press, untilGone, untilState } from './open-shelf.mjs';

const MIB = 1 << 20;
const SIZE = 2 * MIB;
const SLOW = 400_000;
const ICONS = [{ src: '/icon.svg', sizes: 'any' }];

/** It comes for some seconds. */
function slowFilm({ server }, { path = '/film', size = SIZE } = {}) {
  server.file(path, { size, throttle: SLOW });
}

/** `backgroundfetchclick` tells what it was, and what came of what it asks for. */
const CLICKED = `
addEventListener('message', (event) => {
  if (event.data?.begin) event.waitUntil(self.registration.backgroundFetch.fetch(...event.data.begin));
});
addEventListener('backgroundfetchclick', (event) => event.waitUntil(clicked(event)));
async function clicked({ constructor, registration }) {
  const { id, result, failureReason, downloaded, recordsAvailable } = registration;
  const report = { clicked: id, event: constructor.name, result, failureReason, downloaded, recordsAvailable };
  const [page] = (await clients.matchAll({ type: 'window' })).filter(({ url }) => !url.includes('opened'));
  const told = (promise) => promise.then((client) => client && new URL(client.url).pathname, ({ name }) => name);
  report.focused = await told(page.focus());
  report.blank = await told(clients.openWindow('about:blank'));
  report.opened = await told(clients.openWindow('/opened'));
  page.postMessage(report);
  setTimeout(() => page.postMessage({ isNative: !Object.hasOwn(clients, 'openWindow') && /native code/.test(WindowClient.prototype.focus) }), 100);
}
`;

async function untilTold(page, name) {
  return page.waitFor((key) => window.app.reports.find((report) => key in report), name);
}

forEachEngine('shelf', ({ engine, persistent, test }) => {
  test('what another tab and the worker have begun is shown, and can be paused and resumed', async (context) => {
    const { server } = context;
    for (const path of ['/film', '/other']) slowFilm(context, { path });
    server.page('/icon.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>', { type: 'image/svg+xml' });
    const page = await openShelf(context, { worker: CLICKED });
    assert.equal(await page.evaluate(() => window.shelf.root.querySelector('[part=shelf]').hidden), true);
    const other = await openShelf(context, { again: true });
    await begin(other, 'film', '/film', { title: 'A film', icons: ICONS, downloadTotal: SIZE });
    await page.evaluate(async () => {
      const { active } = await navigator.serviceWorker.ready;
      active.postMessage({ begin: ['other', '/other'] });
    });
    await untilState(page, 'A film', 'downloading');
    await untilState(page, 'other', 'downloading');
    const [icon, share] = await page.evaluate(() => {
      const bar = window.shelf.part('A film', 'progress');
      return [window.shelf.part('A film', 'icon').src, bar.getAttribute('aria-valuenow')];
    });
    assert.equal(icon, `${server.origin}/icon.svg`);
    assert.ok(Number(share) < 100, share);

    for (const each of [page, other]) {
      assert.equal((await each.evaluate(() => window.shelf.entry('A film'))).actions, 'pause cancel');
    }
    await press(page, 'A film', 'pause');
    for (const each of [page, other]) await untilState(each, 'A film', 'paused');
    await press(other, 'A film', 'resume');
    // The worker has given both the same title.
    for (const each of [page, other]) {
      await each.waitFor(
        () => window.shelf.entries().filter(({ state }) => state === 'success').length === 2,
      );
      assert.ok(await each.evaluate(() => window.shelf.entries().every(({ title }) => title === 'Stored')));
    }
    await assertNothingLeft(page);
  });

  test('what is cancelled can be had back for some seconds, and is then gone', async (context) => {
    slowFilm(context, { size: 4 * SIZE });
    const page = await openShelf(context);
    await begin(page, 'film', '/film', { title: 'A film' });
    await untilState(page, 'A film', 'downloading');
    await press(page, 'A film', 'cancel');
    await untilState(page, 'A film', 'cancelling');
    assert.equal((await page.evaluate(() => window.shelf.entry('A film'))).actions, 'undo');
    await press(page, 'A film', 'undo');
    await untilState(page, 'A film', 'downloading');
    await press(page, 'A film', 'cancel');
    await page.waitFor(() => window.app.state('film').failureReason === 'aborted');
    await untilGone(page, 'A film');
    await assertNothingLeft(page);
  });

  test('what has failed can be begun again, and what has ended is shown until it is dismissed', async (context) => {
    const film = context.server.file('/film', { size: MIB, status: 404 });
    const page = await openShelf(context);
    await begin(page, 'film', '/film', { title: 'A film' });
    await untilState(page, 'Stored', 'failure');
    assert.match(await page.evaluate(() => window.shelf.part('Stored', 'state').textContent), /refused/);
    await page.waitFor(() => window.shelf.entry('Stored').actions === 'retry dismiss');
    film.update({ status: undefined });
    await page.reload();
    await untilState(page, 'Stored', 'failure');
    await press(page, 'Stored', 'retry');
    await untilState(page, 'Stored', 'success');
    await page.waitFor(() => window.shelf.entries().length === 1);
    await assertNothingLeft(page);
    const other = await openShelf(context, { again: true });
    await untilState(other, 'Stored', 'success');
    await press(other, 'Stored', 'dismiss');
    for (const each of [other, page]) await untilGone(each, 'Stored');
    await page.reload();
    await begin(page, 'next', '/film', {});
    await page.waitFor(() => window.shelf.entries().length === 1);
  });

  test('a reload, and a new start of the browser, leave it as it was', async (context) => {
    slowFilm(context);
    context.server.file('/song', { size: 1000 });
    let page = await openShelf(context);
    await begin(page, 'song', '/song', { title: 'A song' });
    await begin(page, 'film', '/film', { title: 'A film' });
    await untilState(page, 'Stored', 'success');
    await page.reload();
    await untilState(page, 'Stored', 'success');
    await page.waitFor(() => window.shelf.entry('A film'));
    if (persistent) {
      await context.restartBrowser();
      page = await openShelf(context, { again: true });
      await untilState(page, 'Stored', 'success');
    }
    await page.waitFor(() => window.shelf.entries().filter(({ state }) => state === 'success').length === 2);
  });

  test('a click fires the event in the worker, and what it opens is opened', async (context) => {
    slowFilm(context);
    // It takes the place of the page, which is hidden then.
    const opened = '<!doctype html><title>Opened</title><script>setTimeout(close, 1000);</script>';
    context.server.page('/opened', opened);
    const page = await openShelf(context, { worker: CLICKED });
    await begin(page, 'film', '/film', { title: 'A film', downloadTotal: SIZE });
    await untilState(page, 'A film', 'downloading');
    await press(page, 'A film', 'open');
    const { downloaded, ...report } = await untilTold(page, 'clicked');
    assert.ok(downloaded > 0 && downloaded < SIZE, downloaded);
    assert.deepEqual(report, {
      clicked: 'film',
      event: 'BackgroundFetchEvent',
      result: '',
      failureReason: '',
      recordsAvailable: true,
      focused: '/',
      blank: 'TypeError',
      opened: '/opened',
    });
    assert.equal((await untilTold(page, 'isNative')).isNative, true);

    await page.evaluate(() => (window.app.reports.length = 0));
    await page.waitFor(() => window.shelf.entry('Stored')?.state === 'success');
    await press(page, 'Stored', 'open');
    const ended = await untilTold(page, 'clicked');
    assert.deepEqual([ended.result, ended.downloaded, ended.recordsAvailable], ['success', SIZE, false]);
  });

  test('a window that the page may not open is refused as the browser refuses it', async (context) => {
    slowFilm(context);
    const page = await openShelf(context, {
      worker: CLICKED,
      before: '<script>window.open = () => null;</script>',
    });
    await begin(page, 'film', '/film', { title: 'A film' });
    await untilState(page, 'A film', 'downloading');
    await press(page, 'A film', 'open');
    assert.equal((await untilTold(page, 'clicked')).opened, 'InvalidAccessError');
    await page.evaluate(() => window.app.registrations.film.abort());
  });

  test('the files are read when they are asked for, and some at a time', async (context) => {
    const paths = Array.from({ length: 45 }, (_, n) => `/song-${n}`);
    for (const path of paths) context.server.file(path, { size: 1000, stallAfter: 500 });
    const page = await openShelf(context);
    await begin(page, 'songs', paths, { title: 'Songs' });
    await page.waitFor(() => window.shelf.part('Songs', 'files-button')?.hidden === false);
    const shown = () =>
      page.evaluate(() => window.shelf.item('Songs').querySelectorAll('[part=file]').length);
    assert.equal(await shown(), 0);
    await page.evaluate(() => window.shelf.part('Songs', 'files-button').click());
    for (const count of [20, 40, 45]) {
      await page.waitFor(
        (least) => window.shelf.item('Songs').querySelectorAll('[part=file]').length === least,
        count,
      );
      await page.evaluate(() => window.shelf.part('Songs', 'more').click());
    }
    const names = await page.evaluate(() =>
      Array.from(window.shelf.item('Songs').querySelectorAll('[part=file-name]'), (name) => name.textContent),
    );
    assert.deepEqual(
      names,
      paths.map((path) => path.slice(1)),
    );
    await page.evaluate(() => window.app.registrations.songs.abort());
  });

  test('a screen reader is told of the beginning, each quarter and the end', async (context) => {
    const { server } = context;
    server.file('/film', { size: SIZE, throttle: MIB });
    const page = await openShelf(context);
    await page.evaluate(() => {
      window.said = [];
      const region = window.shelf.root.querySelector('[role=status]');
      const hear = () => region.textContent && window.said.push(region.textContent);
      new MutationObserver(hear).observe(region, { childList: true });
    });
    await begin(page, 'film', '/film', { title: 'A film', downloadTotal: SIZE });
    await page.waitFor(() => window.said.some((text) => text.includes('finished')));
    const said = await page.evaluate(() => window.said);
    assert.equal(said[0], 'Download started: A film');
    assert.match(said.at(-1), /^Download finished: /);
    assert.ok(said.length <= 5, said.join('\n'));
    assert.ok(
      said.slice(1, -1).every((text) => /^A film: (25|50|75)%$/.test(text)),
      said.join('\n'),
    );
  });

  test('the screen stays on while something runs, where that is asked for', async (context) => {
    slowFilm(context, { size: 8 * SIZE });
    const page = await openShelf(context, {
      before: `<script>(${fakeWakeLocks})();</script>`,
      element: '<background-fetch-shelf keep-screen-awake></background-fetch-shelf>',
    });
    const isOn = (expected) =>
      page.waitFor(
        (awaited) => window.locks.filter(({ released }) => !released).length === awaited,
        expected,
      );
    await begin(page, 'film', '/film', { title: 'A film' });
    await isOn(1);
    await untilState(page, 'A film', 'downloading');
    await press(page, 'A film', 'pause');
    await isOn(0);
    await press(page, 'A film', 'resume');
    await isOn(1);
    await page.evaluate(() =>
      document.querySelector('background-fetch-shelf').removeAttribute('keep-screen-awake'),
    );
    await isOn(0);
    await page.evaluate(() =>
      document.querySelector('background-fetch-shelf').setAttribute('keep-screen-awake', ''),
    );
    await isOn(1);
    await page.evaluate(() => window.app.registrations.film.abort());
    await isOn(0);
    assert.equal(await page.evaluate(() => window.locks.length), 3);
  });

  test('two shelves show the same, one speaks for both, and one that is put elsewhere goes on', async (context) => {
    slowFilm(context, { size: 4 * SIZE });
    const page = await openShelf(context, { element: ELEMENT + ELEMENT });
    await begin(page, 'film', '/film', { title: 'A film', downloadTotal: 4 * SIZE });
    const shown = () =>
      Array.from(document.querySelectorAll('background-fetch-shelf'), ({ shadowRoot }) => ({
        title: shadowRoot.querySelector('[part=title]')?.textContent,
        state: shadowRoot.querySelector('[part=entry]')?.dataset.state,
        said: shadowRoot.querySelector('[role=status]').textContent,
      }));
    await page.waitFor((look) => {
      const seen = new Function(`return (${look})()`)();
      return seen.every(({ state }) => state === 'downloading') && seen.some(({ said }) => said);
    }, shown.toString());
    const seen = await page.evaluate(shown);
    assert.deepEqual(
      seen.map(({ title }) => title),
      ['A film', 'A film'],
    );
    assert.equal(seen.filter(({ said }) => said).length, 1);
    await page.evaluate(() => {
      const [first, second] = document.querySelectorAll('background-fetch-shelf');
      second.remove();
      document.documentElement.append(first);
    });
    await untilState(page, 'A film', 'downloading');
    await press(page, 'A film', 'pause');
    await untilState(page, 'A film', 'paused');
    await page.evaluate(() => window.app.registrations.film.abort());
  });

  test('a shelf that is removed leaves nothing behind', async (context) => {
    slowFilm(context);
    const page = await openShelf(context, { before: `<script>(${countHeld})();</script>` });
    await begin(page, 'film', '/film', { title: 'A film' });
    await untilState(page, 'A film', 'downloading');
    await page.waitFor(() => window.held.interval.size > 0);
    const seen = await page.evaluate(async () => {
      const element = document.querySelector('background-fetch-shelf');
      const before = window.count();
      element.remove();
      const removed = window.count();
      for (let n = 0; n < 3; n += 1) {
        document.body.append(element);
        element.remove();
      }
      await new Promise((resolve) => setTimeout(resolve));
      return { before, removed, after: window.count() };
    });
    // The engine has some of its own.
    for (const what of ['interval', 'channel']) {
      assert.equal(seen.removed[what], seen.before[what] - 1, what);
      assert.equal(seen.after[what], seen.removed[what], what);
    }
    assert.equal(seen.after.listener, seen.removed.listener);
    await page.evaluate(() => window.app.registrations.film.abort());
  });

  test('of a thousand entries those are made that are seen', async (context) => {
    const page = await openShelf(context, { element: '' });
    context.server.file('/song', { size: 10 });
    await begin(page, 'song', '/song', {});
    await assertNothingLeft(page);
    await page.evaluate(storeEnded, 1000);
    await page.evaluate((html) => document.body.insertAdjacentHTML('beforeend', html), ELEMENT);
    await page.waitFor(() => window.shelf.items().length === 1000 && window.shelf.entry('Film 999'));
    const made = () => page.evaluate(() => window.shelf.entries().filter(({ title }) => title).length);
    assert.ok((await made()) < 40, await made());
    await page.evaluate(() => window.shelf.items().at(-1).scrollIntoView());
    await page.waitFor(() => window.shelf.entry('Film 0'));
    assert.ok((await made()) < 100, await made());
    await page.evaluate(() => window.shelf.root.querySelector('[part~=clear]').click());
    await page.waitFor(() => window.shelf.items().length === 0);
  });

  test('a strict policy of the page is kept', async (context) => {
    context.server.file('/song', { size: 10 });
    const policy =
      "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
    await openShelf(context, { element: '' });
    const page = await openShelf(context, {
      again: true,
      path: '/strict',
      headers: { 'Content-Security-Policy': policy },
    });
    await begin(page, 'song', '/song', { title: 'A song' });
    await untilState(page, 'Stored', 'success');
    const style = await page.evaluate(
      () => getComputedStyle(document.querySelector('background-fetch-shelf')).position,
    );
    assert.equal(style, 'fixed');
  });

  if (engine === 'chromium') {
    test("the browser's own fetches are shown, and can be cancelled", async (context) => {
      slowFilm(context, { size: 4 * SIZE });
      const page = await openShelf(context, { polyfill: false });
      await begin(page, 'film', '/film', { title: 'A film', downloadTotal: 8 * MIB });
      await untilState(page, 'film', 'downloading');
      assert.equal((await page.evaluate(() => window.shelf.entry('film'))).actions, 'cancel');
      await press(page, 'film', 'cancel');
      await page.waitFor(() => window.app.state('film').failureReason === 'aborted');
      await untilState(page, 'film', 'failure');
      await press(page, 'film', 'dismiss');
      await untilGone(page, 'film');
    });
  }
});

/** In a page, before all other scripts: of what an engine cannot do, or not without a screen. */
function fakeWakeLocks() {
  window.locks = [];
  const request = async () => {
    const lock = {
      released: false,
      async release() {
        lock.released = true;
      },
    };
    window.locks.push(lock);
    return lock;
  };
  Object.defineProperty(navigator, 'wakeLock', { value: { request } });
}

/** In a page, before all other scripts. */
function countHeld() {
  const held = { interval: new Set(), channel: new Set(), listeners: 0 };
  window.held = held;
  const { setInterval, clearInterval, BroadcastChannel } = window;
  window.setInterval = /** @type {any} */ (
    (...args) => {
      const id = Reflect.apply(setInterval, window, args);
      held.interval.add(id);
      return id;
    }
  );
  window.clearInterval = (id) => {
    held.interval.delete(id);
    clearInterval(id);
  };
  window.BroadcastChannel = class extends BroadcastChannel {
    constructor(name) {
      super(name);
      held.channel.add(this);
    }

    close() {
      held.channel.delete(this);
      super.close();
    }
  };
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  const isCounted = (target) => (target ?? window) === window || target === document;
  EventTarget.prototype.addEventListener = function add(...args) {
    if (isCounted(this)) held.listeners += 1;
    return addEventListener.apply(this, args);
  };
  EventTarget.prototype.removeEventListener = function remove(...args) {
    if (isCounted(this)) held.listeners -= 1;
    return removeEventListener.apply(this, args);
  };
  window.count = () => ({
    interval: held.interval.size,
    channel: held.channel.size,
    listener: held.listeners,
  });
}

/** In a page: fetches that have ended, as a worker stores them. */
async function storeEnded(count) {
  const request = indexedDB.open('background-fetch');
  await new Promise((resolve) => (request.onsuccess = resolve));
  const database = request.result;
  const transaction = database.transaction(['ended', 'progress'], 'readwrite');
  const scope = new URL('/', location.href).href;
  for (let n = 0; n < count; n += 1) {
    const uid = n.toString(16).padStart(20, '0');
    const options = { title: `Film ${n}`, downloadTotal: 0, icons: null };
    const fetch = {
      uid,
      scope,
      id: uid,
      active: null,
      options,
      created: n,
      requestCount: 1,
      uploadTotal: 0,
      stage: 'settled',
    };
    transaction.objectStore('ended').put({ fetch, progress: { downloaded: 1000 } }, uid);
  }
  await new Promise((resolve) => (transaction.oncomplete = resolve));
  database.close();
}
