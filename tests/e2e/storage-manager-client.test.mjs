import assert from 'node:assert/strict';
import { forEachEngine } from './harness.mjs';
import { openClient, openLibrary, serveManifest, untilSet } from './open-library.mjs';

const MIB = 1 << 20;

async function open(context, options) {
  const { server } = context;
  server.file('/film', { size: 2 * MIB, throttle: MIB, type: 'video/mp4' });
  server.file('/other', { size: 1000 });
  serveManifest(server, { film: ['/film'], other: ['/other'] });
  const page = await openLibrary(context, options);
  await openClient(page);
  return page;
}

forEachEngine('storage manager, client', ({ test }) => {
  test('sets are listed, stored, pinned and removed', async (context) => {
    const page = await open(context);
    const states = await page.evaluate(async () => {
      const { manager } = window.library;
      const { sets, storage } = await manager.list();
      const begun = await manager.store('other');
      return { listed: sets.map(({ id, state }) => [id, state]), storage, begun };
    });
    assert.deepEqual(states.listed, [
      ['film', 'absent'],
      ['other', 'absent'],
    ]);
    assert.equal(states.storage.stored, 0);
    assert.equal(states.begun.id, 'other');
    await untilSet(page, 'other', 'stored');
    await page.evaluate(() => window.library.manager.pin('other'));
    assert.equal((await page.evaluate(() => window.library.set('other'))).isPinned, true);
    await page.evaluate(() => window.library.manager.remove('other'));
    assert.equal((await page.evaluate(() => window.library.set('other'))).state, 'absent');
    const error = await page.evaluate(async () => {
      try {
        return await window.library.manager.store('none');
      } catch ({ name, status, message, detail }) {
        return { name, status, message, detail };
      }
    });
    const detail = "the manifest has no set 'none'";
    assert.deepEqual(error, { name: 'StorageManagerError', status: 404, message: detail, detail });
  });

  test('a snapshot changes with every step, in every page, and is the same in between', async (context) => {
    const page = await open(context);
    const other = await openLibrary(context, { again: true });
    await openClient(other);
    for (const each of [page, other]) {
      await each.evaluate(() => {
        const { manager } = window.library;
        window.seen = [];
        window.unsubscribe = manager.subscribe(() => {
          const snapshot = manager.getSnapshot();
          if (snapshot !== manager.getSnapshot()) throw new Error('it is another one');
          const { state, downloaded } = snapshot.sets.find(({ id }) => id === 'film');
          window.seen.push({ state, downloaded, snapshot });
        });
      });
      await each.waitFor(() => window.seen.length > 0);
    }
    await page.evaluate(() => window.library.manager.store('film'));
    for (const each of [page, other]) {
      await each.waitFor({ timeout: 30_000 }, () => window.seen.at(-1).state === 'stored');
      const { states, progress, different } = await each.evaluate(() => ({
        states: [...new Set(window.seen.map(({ state }) => state))],
        progress: window.seen.map(({ downloaded }) => downloaded).filter(Boolean),
        different: new Set(window.seen.map(({ snapshot }) => snapshot)).size === window.seen.length,
      }));
      assert.deepEqual(states, ['absent', 'fetching', 'stored']);
      assert.ok(progress.length >= 3, String(progress));
      assert.deepEqual(
        progress,
        progress.toSorted((one, another) => one - another),
      );
      assert.ok(different);
    }
    await other.evaluate(() => window.unsubscribe());
    const heard = await other.evaluate(() => window.seen.length);
    await page.evaluate(() => window.library.manager.remove('film'));
    await page.waitFor(() => window.seen.at(-1).state === 'absent');
    assert.equal(await other.evaluate(() => window.seen.length), heard);
  });

  test('a stored file is saved to disk with its length', async (context) => {
    const page = await open(context);
    await page.evaluate(() => window.library.manager.store('other'));
    await untilSet(page, 'other', 'stored');
    await context.server.close();
    // What the link would download; no driver shows a user's folder.
    const link = await page.evaluate(async () => {
      self.showSaveFilePicker = undefined;
      const clicked = new Promise((resolve) => {
        HTMLAnchorElement.prototype.click = function click() {
          resolve(this.href);
        };
      });
      await window.library.manager.saveToDisk('/other', { name: 'a “film”.mp4' });
      return clicked;
    });
    const { status, length, headers, hash } = await page.evaluate((url) => window.library.get(url), link);
    assert.deepEqual([status, length, headers['content-length']], [200, 1000, '1000']);
    assert.equal(
      headers['content-disposition'],
      "attachment; filename*=UTF-8''a%20%E2%80%9Cfilm%E2%80%9D.mp4",
    );
    assert.equal(hash, context.server.sha256('/other'));
    const refused = await page.evaluate(() =>
      window.library.manager.saveToDisk('/film').catch(({ name }) => name),
    );
    assert.equal(refused, 'NotFoundError');
  });
});
