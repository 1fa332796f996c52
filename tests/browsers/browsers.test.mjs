import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forEachEngine } from '../e2e/harness.mjs';
import { removeAtExit } from './process-tree.mjs';

function put(value) {
  return new Promise((resolve, reject) => {
    const open = indexedDB.open('bed', 1);
    open.onupgradeneeded = () => open.result.createObjectStore('values');
    open.onerror = () => reject(open.error);
    open.onsuccess = () => {
      const transaction = open.result.transaction('values', 'readwrite');
      transaction.objectStore('values').put(value === 'blob' ? new Blob(['bytes']) : value, 'key');
      transaction.oncomplete = () => resolve('stored');
      transaction.onabort = () => resolve('aborted');
      // A private window of WebKit may never end a transaction with a Blob.
      setTimeout(resolve, 2000, 'never ended');
    };
  });
}

function read() {
  return new Promise((resolve, reject) => {
    const open = indexedDB.open('bed', 1);
    open.onupgradeneeded = () => open.result.createObjectStore('values');
    open.onerror = () => reject(open.error);
    open.onsuccess = () => {
      const request = open.result.transaction('values').objectStore('values').get('key');
      request.onsuccess = async () => {
        resolve(request.result instanceof Blob ? await request.result.text() : request.result);
      };
    };
  });
}

async function registration() {
  await navigator.serviceWorker.register('/worker.js');
  const { active, scope } = await navigator.serviceWorker.ready;
  while (active.state !== 'activated') await new Promise((resolve) => (active.onstatechange = resolve));
  return scope;
}

forEachEngine('browser', ({ engine, persistent, test }) => {
  test('runs functions in the page', async ({ openPage }) => {
    const page = await openPage();
    assert.equal(await page.evaluate(() => isSecureContext), true);
    assert.equal(await page.evaluate(async (a, { b }) => a + b, 1, { b: 2 }), 3);
    assert.equal(await page.evaluate(() => {}), undefined);
    assert.equal(await page.evaluate(() => [] instanceof Array && fetch('/') instanceof Promise), true);
    const failing = page.evaluate(() => {
      throw new RangeError('too far');
    });
    await assert.rejects(failing, { name: 'RangeError', message: 'too far' });
    const aborted = page.evaluate(() => Promise.reject(new DOMException('enough', 'AbortError')));
    await assert.rejects(aborted, { name: 'AbortError', message: 'enough' });
  });

  test('waits for what comes late, and says what it saw last', async ({ openPage }) => {
    const page = await openPage();
    await page.evaluate(() => setTimeout(() => (self.late = { value: 1 }), 300));
    assert.deepEqual(await page.waitFor(() => self.late), { value: 1 });
    const look = () => {
      throw new RangeError('too far');
    };
    await assert.rejects(page.waitFor({ timeout: 300 }, look), /not within 300 ms[^]*RangeError: too far/);
    await assert.rejects(
      page.waitFor({ timeout: 300 }, () => 0),
      /not within 300 ms[^]*Last seen: 0/,
    );
  });

  test('a page in a window that was given back has nothing of the one before', async ({ openPage }) => {
    const page = await openPage();
    await page.evaluate(() => (self.left = true));
    await page.browser.giveBack(page);
    await assert.rejects(
      page.evaluate(() => {}),
      /closed/,
    );
    const next = await openPage();
    assert.equal(await next.evaluate(() => self.left), undefined);
  });

  test('waits across a navigation', async ({ openPage, server }) => {
    server.page('/next', '<!doctype html><title>next</title>');
    const page = await openPage();
    const pending = page.evaluate(() => {
      setTimeout(() => location.assign('/next'), 50);
      return new Promise(() => {});
    });
    await assert.rejects(pending, { name: 'NavigationError' });
    assert.equal(await page.waitFor(() => document.title === 'next' && document.title), 'next');
    await page.reload();
    assert.equal(await page.url(), server.url('/next'));
    await assert.rejects(
      page.waitFor({ timeout: 300 }, () => false),
      /not within 300 ms/,
    );
  });

  test('several pages run at once, and one can wait for the other', async ({ openPage, browser }) => {
    const [one, two] = [await openPage(), await openPage()];
    const heard = one.evaluate(
      () =>
        new Promise((resolve) =>
          new BroadcastChannel('bed').addEventListener('message', (e) => resolve(e.data)),
        ),
    );
    const states = await two.evaluate(() => {
      const channel = new BroadcastChannel('bed');
      setInterval(() => channel.postMessage('hello'), 20);
      return document.visibilityState;
    });
    assert.equal(states, 'visible');
    assert.equal(await heard, 'hello');
    await two.close();
    assert.equal(await one.evaluate(() => document.visibilityState), 'visible');
    const file = join(browser.directory, 'shot.png');
    await one.screenshot(file);
    assert.ok((await stat(file)).size > 100);
  });

  test('dialogs are accepted', async ({ openPage }) => {
    const page = await openPage();
    await page.evaluate(() => {
      setTimeout(() => (window.answer = String(confirm('really?'))), 10);
    });
    assert.equal(await page.waitFor(() => window.answer), 'true');
  });

  test('a closed page sees pagehide', async ({ openPage, server }) => {
    server.file('/left', { body: '' });
    const page = await openPage();
    await page.evaluate(() => addEventListener('pagehide', () => navigator.sendBeacon('/left')));
    await page.close();
    await server.until(() => server.requests('/left').length === 1);
  });

  test('stores a Blob in IndexedDB, but for private windows of WebKit', async ({ openPage }) => {
    const page = await openPage();
    assert.equal(await page.evaluate(put, 'text'), 'stored');
    assert.equal(await page.evaluate(read), 'text');
    const outcome = await page.evaluate(put, 'blob');
    assert.equal(outcome === 'stored', engine !== 'webkit-private', outcome);
  });

  test('a profile survives SIGKILL', { skip: !persistent }, async ({ server, launch, t }) => {
    server.page('/', '<!doctype html><title>bed</title>');
    // Not empty: WebKit does not bring back a worker whose script has no bytes.
    server.page('/worker.js', 'self.here = true;');
    const profile = await mkdtemp(join(tmpdir(), 'bed-kept-'));
    removeAtExit(profile);
    try {
      let browser = await launch({ profile });
      let page = await browser.newPage(server.url('/'));
      assert.equal(await page.evaluate(put, 'blob'), 'stored');
      const scope = await page.evaluate(registration);
      await browser.registrationStored(scope);
      await browser.kill();
      assert.deepEqual(browser.tree.pids(), []);
      await assert.rejects(page.evaluate(() => 1));

      const begin = performance.now();
      browser = await launch({ profile });
      t.diagnostic(`started in ${Math.round(performance.now() - begin)} ms`);
      page = await browser.newPage(server.url('/'));
      assert.equal(await page.evaluate(read), 'bytes');
      const active = await page.evaluate(async () => {
        const all = await navigator.serviceWorker.getRegistrations();
        return all.filter((each) => each.active).map((each) => each.scope);
      });
      assert.deepEqual(active, [scope]);
      await browser.close();
      assert.deepEqual(browser.tree.pids(), []);
    } finally {
      await rm(profile, { recursive: true, force: true });
    }
  });
});
