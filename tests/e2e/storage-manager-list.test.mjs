import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { forEachEngine } from './harness.mjs';
import { openClient, serveManifest } from './open-library.mjs';
import { ELEMENT, openList, openPlain, press, text, untilActions } from './open-list.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const MIB = 1 << 20;
const FILM = 'The set film';
const OTHER = 'The set other';
const STORED = 'remove pin';

function serve({ server }) {
  server.file('/film', { size: 4 * MIB, throttle: MIB, type: 'video/mp4' });
  server.file('/other', { size: 1000 });
  serveManifest(server, { film: ['/film'], other: ['/other'] });
}

function said(page) {
  return page.evaluate(() => window.list.said);
}

async function untilSaid(page, what) {
  await page.waitFor((awaited) => window.list.said.includes(awaited), what);
}

forEachEngine('storage manager, list', ({ test, engine }) => {
  test('a set is stored with its progress, and removed once the user has confirmed', async (context) => {
    serve(context);
    const page = await openList(context);
    await untilActions(page, FILM, 'store');
    await page.evaluate(() => window.list.hear());
    assert.equal(await text(page, FILM, 'details'), '4.19 MB · 1 file');
    assert.equal(await text(page, FILM, 'state'), 'Not on this device');
    await page.evaluate(() => {
      window.shares = [];
      const look = () =>
        window.shares.push(Number(window.list.part('The set film', 'progress').ariaValueNow));
      const bar = window.list.part('The set film', 'progress');
      new MutationObserver(look).observe(bar, { attributeFilter: ['aria-valuenow'] });
    });
    await press(page, FILM, 'store');
    await untilActions(page, FILM, 'pause cancel');
    await page.waitFor(() => /of 4\.19 MB · \d+%/.test(window.list.text('The set film', 'details')));
    await untilActions(page, FILM, STORED);
    const shares = await page.evaluate(() => window.shares);
    assert.ok(new Set(shares).size >= 3, String(shares));
    assert.deepEqual(
      shares,
      shares.toSorted((one, other) => one - other),
    );
    assert.equal(await text(page, FILM, 'progress'), undefined);
    assert.equal(await text(page, FILM, 'state'), 'On this device');
    assert.match(
      await page.evaluate(() => window.list.root.querySelector('[part=summary]').textContent),
      /^4\.19 MB/,
    );

    await press(page, FILM, 'remove');
    assert.equal(await text(page, FILM, 'state'), `Remove ${FILM} from this device?`);
    assert.equal(await page.evaluate(() => window.list.actions('The set film')), 'confirm keep');
    assert.equal(await page.evaluate(() => window.list.focused()), 'keep');
    await page.evaluate(() =>
      window.list.root.activeElement.dispatchEvent(
        new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, composed: true, cancelable: true }),
      ),
    );
    assert.equal(await page.evaluate(() => window.list.actions('The set film')), STORED);
    assert.equal(await page.evaluate(() => window.list.focused()), 'remove');
    await press(page, FILM, 'remove');
    await page.evaluate(() =>
      window.list
        .part('The set film', 'confirm')
        .dispatchEvent(new MouseEvent('click', { bubbles: true, detail: 2 })),
    );
    assert.equal(
      await page.evaluate(() => window.list.actions('The set film')),
      'confirm keep',
      'a double click',
    );
    await press(page, FILM, 'confirm');
    await untilActions(page, FILM, 'store');
    assert.equal(await page.evaluate(() => window.list.focused()), 'store');
    await untilSaid(page, `Removed from this device: ${FILM}`);
    assert.deepEqual(await said(page), [
      `Download started: ${FILM}`,
      `On this device: ${FILM}`,
      `Removed from this device: ${FILM}`,
    ]);
  });

  test('a newer version is an update, which can be cancelled without losing the first', async (context) => {
    serve(context);
    const page = await openList(context);
    await untilActions(page, OTHER, 'store');
    await press(page, OTHER, 'store');
    await untilActions(page, OTHER, STORED);
    context.server.file('/other', { size: 4 * MIB, seed: 'new', throttle: MIB });
    serveManifest(context.server, { film: ['/film'], other: ['/other'] });
    await page.evaluate(() => window.list.element.manager.refresh());
    await untilActions(page, OTHER, 'update remove pin');
    assert.equal(await text(page, OTHER, 'state'), 'An update is available');
    await press(page, OTHER, 'update');
    await untilActions(page, OTHER, 'pause cancel');
    await press(page, OTHER, 'cancel');
    await untilActions(page, OTHER, 'update remove pin');
    assert.equal((await page.evaluate(() => window.library.set('other'))).isStored, true);
    await press(page, OTHER, 'update');
    await untilActions(page, OTHER, STORED);
    assert.equal(await text(page, OTHER, 'details'), '4.19 MB · 1 file');
  });

  test('what has failed says why, and is tried again', async (context) => {
    serve(context);
    const page = await openList(context);
    await untilActions(page, OTHER, 'store');
    await page.evaluate(() => window.list.hear());
    context.server.file('/other', { size: 1000, status: 404 });
    await press(page, OTHER, 'store');
    await untilActions(page, OTHER, 'retry');
    const why = 'A file did not arrive, or was not the right one.';
    assert.equal(await text(page, OTHER, 'state'), why);
    await untilSaid(page, `Download failed: ${OTHER}. ${why}`);
    context.server.file('/other', { size: 1000 });
    await press(page, OTHER, 'retry');
    await untilActions(page, OTHER, STORED);
  });

  test('a set is paused, resumed, cancelled and pinned, and two lists show it', async (context) => {
    serve(context);
    const page = await openList(context, { element: ELEMENT + ELEMENT });
    const both = async (title, actions) => {
      await untilActions(page, title, actions);
      await page.waitFor(
        (...args) => {
          const [, other] = document.querySelectorAll('storage-manager-list');
          return window.list.actions(args[0], other) === args[1];
        },
        title,
        actions,
      );
    };
    await both(FILM, 'store');
    const isOne = await page.evaluate(() => {
      const [one, other] = document.querySelectorAll('storage-manager-list');
      for (const each of [one, other]) window.list.hear(each);
      return one.manager === other.manager;
    });
    assert.equal(isOne, true);
    await press(page, FILM, 'store');
    await both(FILM, 'pause cancel');
    await press(page, FILM, 'pause');
    await both(FILM, 'resume cancel');
    assert.equal(await page.evaluate(() => window.list.focused()), 'resume');
    assert.equal(await text(page, FILM, 'state'), 'Paused');
    await press(page, FILM, 'resume');
    await both(FILM, 'pause cancel');
    await press(page, FILM, 'cancel');
    await both(FILM, 'store');
    await untilSaid(page, `Paused: ${FILM}`);
    await press(page, OTHER, 'store');
    await both(OTHER, STORED);
    const pressed = () => page.evaluate(() => window.list.part('The set other', 'pin').ariaPressed);
    assert.equal(await pressed(), 'false');
    await press(page, OTHER, 'pin');
    await page.waitFor(() => window.list.part('The set other', 'pin').ariaPressed === 'true');
    assert.equal((await page.evaluate(() => window.library.set('other'))).isPinned, true);
    assert.equal(await text(page, OTHER, 'state'), 'On this device · Always kept');
    assert.equal(await page.evaluate(() => window.list.focused()), 'pin');
    const started = (await said(page)).filter((each) => each === `Download started: ${FILM}`);
    assert.equal(started.length, 1, 'one list speaks for both');
  });

  test('what the worker cannot do is said in a sentence', async (context) => {
    const page = await openPlain(context);
    await page.evaluate(() => {
      const { list } = window;
      window.errors = [];
      console.error = (...what) => window.errors.push(what.join(' '));
      addEventListener('unhandledrejection', ({ reason }) => window.errors.push(String(reason)));
      const sets = [
        list.set('a', { title: 'Alpha', state: 'stored', isStored: true }),
        list.set('b', { title: 'Beta' }),
        list.set('c', { title: 'Gamma', state: 'fetching', downloaded: 1, downloadTotal: 2 }),
        ...['d', 'e', 'f'].map((id) => list.set(id, { state: 'stored', isStored: true })),
      ];
      list.mount(sets, {
        store: { status: 507, needed: 3e6, missing: 2_500_000, wouldHaveToGo: ['a', 'd', 'e', 'f'] },
        pause: { status: 409 },
        remove: { status: 404 },
        pin: { status: 500 },
      });
      list.hear();
    });
    await press(page, 'Beta', 'store');
    await page.waitFor(() => window.list.text('Beta', 'problem'));
    const noRoom =
      'There is not enough room: 2.5 MB is missing. Remove “Alpha”, “d”, “e”, and 1 other to make room.';
    assert.equal(await text(page, 'Beta', 'problem'), noRoom);
    await untilSaid(page, noRoom);
    // Something else went, so there may be room.
    await page.evaluate(() => window.list.element.manager.show({ storage: { stored: 1 } }));
    assert.equal(await text(page, 'Beta', 'problem'), undefined);

    await press(page, 'Gamma', 'pause');
    await untilActions(page, 'Gamma', 'cancel');
    assert.equal(await text(page, 'Gamma', 'problem'), 'Downloads cannot be paused in this browser.');
    await press(page, 'Alpha', 'pin');
    await page.waitFor(() => window.list.text('Alpha', 'problem') === 'That did not work.');
    await press(page, 'Alpha', 'remove');
    await press(page, 'Alpha', 'confirm');
    await page.waitFor(() => window.list.text('Alpha', 'problem') === 'It is no longer offered.');
    assert.deepEqual(await page.evaluate(() => window.errors), []);
    const failed = await page.evaluate(() =>
      ['aborted', 'bad-status', 'fetch-error', 'quota-exceeded', 'download-total-exceeded'].map(
        (failureReason) => {
          window.list.element.manager.change('d', { state: 'failed', failureReason });
          return window.list.text('d', 'state');
        },
      ),
    );
    assert.equal(new Set(failed).size, 5);
    assert.ok(
      failed.every((each) => each.endsWith('. · The earlier version is on this device')),
      String(failed),
    );
  });

  test('many sets are searched, whatever their case and accents', async (context) => {
    const page = await openPlain(context);
    const find = (query) =>
      page.evaluate((value) => {
        const field = window.list.root.querySelector('input');
        field.value = value;
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
        return [window.list.titles(), window.list.root.querySelector('[part=found]').textContent];
      }, query);
    await page.evaluate(() => {
      const titles = ['Café del Mar', 'Straße', 'Łódź', 'İstanbul', 'E', 'F', 'G', 'H', 'CAFÉ AU LAIT'];
      window.list.mount(titles.map((title) => window.list.set(title)));
    });
    assert.deepEqual(await find('cafe'), [['Café del Mar', 'CAFÉ AU LAIT'], '2 of 9']);
    assert.deepEqual((await find('  MAR café '))[0], ['Café del Mar']);
    assert.deepEqual((await find('STRASSE'))[0], ['Straße']);
    assert.deepEqual((await find('istan'))[0], ['İstanbul']);
    assert.deepEqual(await find('nothing'), [[], 'Nothing has such a title.']);
    assert.equal((await find(''))[0].length, 9);
    await find('cafe');
    const few = await page.evaluate(() => {
      window.list.element.manager.show({ sets: ['A', 'B', 'C'].map((id) => window.list.set(id)) });
      return [window.list.root.querySelector('input').checkVisibility(), window.list.titles()];
    });
    assert.deepEqual(few, [false, ['A', 'B', 'C']], 'a field that is hidden does not filter');
  });

  test('rows come and go around the focus', async (context) => {
    const page = await openPlain(context);
    const seen = await page.evaluate(() => {
      const { list } = window;
      const sets = ['A', 'B', 'C'].map((id) => list.set(id, { state: 'stored', isStored: true }));
      const { manager } = list.mount(sets);
      const focused = () => [list.root.activeElement.closest('li')?.dataset.id ?? null, list.focused()];
      const found = {};
      found.order = [...list.root.querySelectorAll('button, input')]
        .filter((each) => each.checkVisibility())
        .map(({ ariaLabel }) => ariaLabel);
      list.row('B').querySelector('[data-action=pin]').focus();
      manager.show({ sets: [sets[1], sets[2], sets[0]] });
      found.moved = focused();
      manager.show({ sets: [sets[2], sets[1], sets[0]] });
      found.movedAgain = focused();
      manager.show({ sets: [sets[2], sets[0]] });
      found.gone = focused();
      manager.show({ sets: [] });
      found.none = focused();
      found.note = list.root.querySelector('[part=note]').textContent;
      return found;
    });
    const named = (title) => [`Remove from device: ${title}`, `Always keep: ${title}`];
    assert.deepEqual(seen.order, [...named('A'), ...named('B'), ...named('C')]);
    assert.deepEqual(seen.moved, ['B', 'pin']);
    assert.deepEqual(seen.movedAgain, ['B', 'pin']);
    assert.deepEqual(seen.gone, ['A', 'remove']);
    assert.deepEqual(seen.none, [null, 'heading']);
    assert.equal(seen.note, 'There is nothing to store.');
  });

  test('a manifest that cannot be had is told, with what is known', async (context) => {
    const page = await openList(context);
    const note = () => page.evaluate(() => window.list.root.querySelector('[part=note]').textContent);
    const reload = () => page.evaluate(() => window.list.root.querySelector('[part~=reload]').click());
    await page.waitFor(() => window.list.root.querySelector('[part~=reload]').checkVisibility());
    assert.equal(await note(), 'The list cannot be loaded. Check your connection.');
    serve(context);
    await reload();
    await untilActions(page, FILM, 'store');
    assert.equal(await note(), '');
    context.server.file('/manifest.json', { body: 'broken', status: 500 });
    await reload();
    await page.waitFor(() => window.list.root.querySelector('[part=note]').textContent);
    assert.equal(await note(), 'The list cannot be loaded. Check your connection. This is how it was last.');
    assert.equal(await page.evaluate(() => window.list.actions('The set film')), 'store');
  });

  test('a page without a worker is told so', async (context) => {
    const page = await openPlain(context, { element: ELEMENT });
    const note = () => page.evaluate(() => window.list.root.querySelector('[part=note]').textContent);
    assert.equal(await note(), 'Loading…');
    const awaited = 'Offline storage is not ready on this page. Reload the page.';
    await page.waitFor({ timeout: 20_000 }, (words) => window.list.root.textContent.includes(words), awaited);
    assert.equal(await note(), awaited);
  });

  test('nothing is out of reach or unreadable in any of its looks', async (context) => {
    await openPlain(context, { html: IMPORTS });
    const { server } = context;
    server.page(
      '/frame',
      '<!doctype html><title>A frame</title><iframe src="/" title="The app" height="900"></iframe>',
    );
    const page = await context.browser.newPage(server.url('/frame'));
    try {
      await page.waitFor(() => document.querySelector('iframe').contentWindow.texts);
      await page.evaluate(showAllStates);
      const backgrounds = new Set();
      for (const one of LOOKS) {
        const found = await page.evaluate(look, one, AXE);
        const named = JSON.stringify(one);
        assert.deepEqual(found.violations, [], named);
        assert.ok(found.passes > 5, `axe looked at too little: ${named}`);
        assert.deepEqual(found.outside, [], named);
        assert.equal(found.scrolls, false, named);
        assert.equal(found.direction, one.direction, named);
        backgrounds.add(found.background);
      }
      assert.equal(backgrounds.size, 2, 'light and dark');
    } finally {
      await page.close();
    }
  });

  test("the page's styles stay out, its custom properties and parts come in", async (context) => {
    const own =
      ':root { --accent: rgb(9, 9, 9); } storage-manager-list { --storage-manager-accent: rgb(1, 2, 3); }' +
      ' storage-manager-list::part(heading) { color: rgb(4, 5, 6); } button { padding: 99px !important; }';
    const page = await openPlain(context, { html: `<style>${own}</style>` });
    const seen = await page.evaluate(() => {
      window.list.mount([window.list.set('A')]);
      const style = (part) => getComputedStyle(window.list.root.querySelector(`[part~=${part}]`));
      return [style('store').color, style('heading').color, style('store').paddingTop === '99px'];
    });
    assert.deepEqual(seen, ['rgb(1, 2, 3)', 'rgb(4, 5, 6)', false]);
  });

  test('a strict policy of the page is kept', async (context) => {
    serve(context);
    const policy =
      "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
    await openList(context, { element: '' });
    const page = await openList(context, {
      again: true,
      path: '/strict',
      headers: { 'Content-Security-Policy': policy },
      before: `<script>(${noteRefused})();</script>`,
    });
    await untilActions(page, OTHER, 'store');
    await press(page, OTHER, 'store');
    await untilActions(page, OTHER, STORED);
    const seen = await page.evaluate(() => ({
      display: getComputedStyle(window.list.element).display,
      refused: window.refused,
    }));
    assert.deepEqual(seen, { display: 'block', refused: [] });
  });

  test('a list that is removed leaves nothing behind', async (context) => {
    serve(context);
    const page = await openList(context, { before: `<script>(${countHeld})();</script>` });
    await untilActions(page, FILM, 'store');
    await press(page, FILM, 'store');
    await untilActions(page, FILM, 'pause cancel');
    const seen = await page.evaluate(async () => {
      const { element } = window.list;
      const { manager } = element;
      const before = window.count();
      element.remove();
      const removed = window.count();
      for (let n = 0; n < 3; n += 1) {
        document.body.append(element);
        element.remove();
      }
      await new Promise((resolve) => setTimeout(resolve, 2000));
      const rows = element.shadowRoot.querySelectorAll('li').length;
      document.body.append(element);
      return { before, removed, after: window.count(), rows, isSame: element.manager === manager };
    });
    assert.equal(seen.removed.channel, seen.before.channel - 1);
    assert.deepEqual({ ...seen.after, channel: seen.after.channel - 1 }, seen.removed);
    assert.deepEqual([seen.rows, seen.isSame], [0, true]);
    await untilActions(page, FILM, 'pause cancel');
    await press(page, FILM, 'cancel');
    await untilActions(page, FILM, 'store');
  });

  test('of ten thousand sets those have rows that are near', async (context) => {
    const page = await openPlain(context);
    const seen = await page.evaluate(async () => {
      const { list } = window;
      const make = (count) => Array.from({ length: count }, (_, n) => list.set(`set ${n}`));
      const tasks = [];
      if (globalThis.PerformanceObserver?.supportedEntryTypes?.includes('longtask'))
        new PerformanceObserver((entries) =>
          tasks.push(...entries.getEntries().map(({ duration }) => duration)),
        ).observe({ type: 'longtask' });
      const settled = () => new Promise((resolve) => setTimeout(resolve, 300));
      const time = (work) => {
        const start = performance.now();
        work();
        // Layout is a part of what a user waits for.
        list.element?.getBoundingClientRect();
        return performance.now() - start;
      };
      const found = { tasks };
      // What the first of all costs: its style, and the formats of sizes.
      found.one = time(() => list.mount(make(1)));
      list.element.remove();
      await settled();
      tasks.length = 0;
      const thousand = make(1000);
      found.thousand = time(() => list.mount(thousand));
      await settled();
      found.longest = Math.max(0, ...tasks);
      found.rows = list.rows().length;
      list.element.remove();
      const many = make(10_000);
      found.many = time(() => list.mount(many));
      await settled();
      found.rowsOfMany = list.rows().length;
      const { manager } = list.element;
      found.progress = time(() =>
        manager.change('set 3', { state: 'fetching', downloaded: 1, downloadTotal: 9 }),
      );
      found.anew = time(() => manager.show({ sets: make(10_000) }));
      const field = list.root.querySelector('input');
      found.search = time(() => {
        field.value = '9999';
        field.dispatchEvent(new InputEvent('input'));
      });
      found.titles = list.titles();
      field.value = '';
      field.dispatchEvent(new InputEvent('input'));
      list.root.querySelector('[part~=more]').scrollIntoView();
      await settled();
      found.rowsAfterScroll = list.rows().length;
      return found;
    });
    context.t.diagnostic(`${engine}: ${JSON.stringify(seen)}`);
    assert.ok(seen.rows >= 20 && seen.rows < 200, seen.rows);
    assert.ok(seen.rowsOfMany >= 20 && seen.rowsOfMany < 200, seen.rowsOfMany);
    assert.ok(seen.rowsAfterScroll > seen.rowsOfMany, 'more come as they are needed');
    assert.deepEqual(seen.titles, ['set 9999']);
    // A hundred times what one row costs would be seconds.
    assert.ok(seen.many < 1000, `${seen.many} ms`);
  });

  if (engine === 'chromium') {
    test("the browser's own API fetches, which no script can pause", async (context) => {
      serve(context);
      const page = await openList(context, { polyfill: false });
      // Only one of two clients of a page begins what the worker asks for.
      await openClient(page);
      await untilActions(page, FILM, 'store');
      await press(page, FILM, 'store');
      await untilActions(page, FILM, 'pause cancel');
      assert.equal(await text(page, FILM, 'problem'), undefined);
      await press(page, FILM, 'pause');
      await untilActions(page, FILM, 'cancel');
      assert.equal(await text(page, FILM, 'problem'), 'Downloads cannot be paused in this browser.');
      assert.equal(await page.evaluate(() => window.list.focused()), 'cancel');
      await untilActions(page, FILM, STORED);
      assert.equal(await text(page, FILM, 'problem'), undefined);
    });
  }

  test('the modules do what the script does, and an app can have its own texts', async (context) => {
    const page = await openPlain(context, { html: IMPORTS });
    await page.waitFor(() => window.texts);
    const seen = await page.evaluate(async () => {
      const path = '/pkg/storage-manager-list.mjs';
      const module = await import(path);
      const manager = window.list.fake({ sets: [window.list.set('A')], storage: { stored: 0 } });
      const parent = document.createElement('main');
      document.body.append(parent);
      const element = module.mountStorageManagerList({
        parent,
        manager,
        endpoint: '/other',
        texts: { store: 'Get it' },
      });
      const found = [
        window.list.part('A', 'store').textContent,
        element.parentElement === parent,
        element.getAttribute('endpoint'),
      ];
      element.texts = window.texts.TEXTS_DE;
      found.push(
        window.list.part('A', 'store').textContent,
        element.texts.problems.noWorker === module.TEXTS.problems.noWorker,
      );
      const names = (texts) =>
        JSON.stringify([texts, texts.failures, texts.problems].map((each) => Object.keys(each)));
      found.push(names(window.texts.TEXTS_DE) === names(module.TEXTS));
      return found;
    });
    assert.deepEqual(seen, ['Get it', true, '/other', 'Lokal speichern', false, true]);
  });
});

const IMPORTS = `<script type="module">
import { TEXTS_DE } from '/pkg/storage-manager-list-texts-de.mjs';
window.texts = { TEXTS_DE };
</script>`;

/** Each with another look of the page around. */
const LOOKS = [
  { scheme: 'light', width: 1000, size: '100%', direction: 'ltr' },
  { scheme: 'dark', width: 1000, size: '100%', direction: 'ltr' },
  { scheme: 'light', width: 320, size: '100%', direction: 'ltr', isGerman: true },
  { scheme: 'dark', width: 600, size: '100%', direction: 'rtl' },
  { scheme: 'dark', width: 400, size: '200%', direction: 'rtl' },
  { scheme: 'light', width: 320, size: '200%', direction: 'ltr' },
];

/** In the outer page. */
function showAllStates() {
  const { list } = document.querySelector('iframe').contentWindow;
  const long = 'Thirty-one-billion-parameters-and-more, in four bits, with a very long name';
  const half = { downloaded: 1_400_000, downloadTotal: 3_000_000 };
  const element = list.mount([
    list.set('absent', { title: long }),
    list.set('fetching', { state: 'fetching', ...half }),
    list.set('paused', { state: 'paused', ...half }),
    list.set('stored', { state: 'stored', isStored: true }),
    list.set('pinned', { state: 'stored', isStored: true, isPinned: true, isListed: false }),
    list.set('outdated', { state: 'outdated', isStored: true }),
    list.set('failed', { state: 'failed', isStored: true, failureReason: 'bad-status' }),
    list.set('refused', {}),
    list.set('asked', { title: `${long}!`, state: 'stored', isStored: true }),
  ]);
  element.manager.show({ error: { status: 502 } });
  element.manager.store = async () => {
    throw Object.assign(new Error(), {
      name: 'StorageManagerError',
      status: 507,
      missing: 9e8,
      wouldHaveToGo: ['stored'],
    });
  };
  list.press('refused', 'store');
  list.press(`${long}!`, 'remove');
}

/** In the outer page: what its frame's list looks like, and what axe finds in it. */
async function look({ scheme, width, size, direction, isGerman }, axe) {
  const frame = document.querySelector('iframe');
  const inner = frame.contentWindow;
  frame.style.width = `${width}px`;
  inner.document.documentElement.style.colorScheme = scheme;
  inner.document.documentElement.style.fontSize = size;
  const { element } = inner.list;
  element.texts = isGerman ? inner.texts.TEXTS_DE : { direction };
  await new Promise((resolve) => setTimeout(resolve, 100));
  if (!inner.axe) inner.eval(axe);
  const { violations, passes } = await inner.axe.run(element, { resultTypes: ['violations'] });
  const section = element.shadowRoot.querySelector('[part=sets]');
  const { left, right } = section.getBoundingClientRect();
  const outside = [...section.querySelectorAll('*')].filter((node) => {
    const box = node.getBoundingClientRect();
    return box.width > 0 && (box.left < left - 0.5 || box.right > right + 0.5);
  });
  return {
    violations: violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 100))}`),
    passes: passes.length,
    outside: outside.map((node) => node.getAttribute('part') ?? node.tagName),
    scrolls: inner.document.documentElement.scrollWidth > inner.innerWidth,
    background: inner.getComputedStyle(section).backgroundColor,
    direction: inner.getComputedStyle(section).direction,
  };
}

/** In a page, before all other scripts: what its policy refuses but the test bed, which evaluates text. */
function noteRefused() {
  window.refused = [];
  addEventListener('securitypolicyviolation', ({ effectiveDirective, sample }) => {
    if (!sample.startsWith('eval')) window.refused.push(`${effectiveDirective}: ${sample}`);
  });
}

/** In a page, before all other scripts: what is held of what must be given back. */
function countHeld() {
  const held = { timers: new Set(), channels: new Set(), listeners: 0 };
  for (const [set, clear] of [
    ['setTimeout', 'clearTimeout'],
    ['setInterval', 'clearInterval'],
  ]) {
    const [begin, end] = [window[set], window[clear]];
    window[set] = (run, ...rest) => {
      const id = Reflect.apply(begin, window, [
        (...args) => {
          if (set === 'setTimeout') held.timers.delete(id);
          run(...args);
        },
        ...rest,
      ]);
      // The engine has timers of its own, which come and go.
      if (/storage-manager-list/.test(new Error().stack)) held.timers.add(id);
      return id;
    };
    window[clear] = (id) => {
      held.timers.delete(id);
      end.call(window, id);
    };
  }
  const { BroadcastChannel } = window;
  window.BroadcastChannel = class extends BroadcastChannel {
    constructor(name) {
      super(name);
      if (name === 'background-fetch-storage-manager') held.channels.add(this);
    }

    close() {
      held.channels.delete(this);
      super.close();
    }
  };
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  const isCounted = (target) =>
    [window, undefined, null, document, navigator.serviceWorker].includes(target) &&
    /storage-manager-list/.test(new Error().stack);
  EventTarget.prototype.addEventListener = function add(...args) {
    if (isCounted(this)) held.listeners += 1;
    return addEventListener.apply(this, args);
  };
  EventTarget.prototype.removeEventListener = function remove(...args) {
    if (isCounted(this)) held.listeners -= 1;
    return removeEventListener.apply(this, args);
  };
  window.count = () => ({
    timers: held.timers.size,
    channel: held.channels.size,
    listeners: held.listeners,
  });
}
