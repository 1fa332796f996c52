import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { startDemoServer } from '../../scripts/serve.mjs';
import { forEachEngine } from './harness.mjs';
import { click, ready, seriesState, untilReady, withDemo } from './open-demo.mjs';

const TOTAL_FILES = 6;
const SPEED = 12_000_000;

const line = (key, value) => {
  const found = [...document.querySelectorAll('.log-line')].find((node) => node.dataset[key] === value);
  return found && { ...found.dataset };
};
const picturesShown = () => {
  const images = [...document.querySelectorAll('#pictures img')];
  return images.length === 4 && images.every((image) => image.complete && image.naturalWidth > 0);
};

const LONG_PIECE = 'audio[src$="long-way-round.wav"]';

/** Waits for a condition of the long piece. If it does not come true, the error says how the piece is. */
async function untilPiece(page, condition) {
  try {
    await page.waitFor(condition, LONG_PIECE);
  } catch (error) {
    const state = await page.evaluate((selector) => {
      const { readyState, networkState, seeking, currentTime, duration, paused, error } =
        document.querySelector(selector);
      return { readyState, networkState, seeking, currentTime, duration, paused, error: error?.message };
    }, LONG_PIECE);
    error.message += `\n${JSON.stringify(state)}`;
    throw error;
  }
}

/** Seeks in the long piece and plays it from there. */
async function hearLongPiece(page) {
  await untilPiece(page, (selector) => document.querySelector(selector).duration > 180);
  await page.evaluate((selector) => {
    document.querySelector(selector).currentTime = 120;
  }, LONG_PIECE);
  await untilPiece(page, (selector) => {
    const { seeking, currentTime } = document.querySelector(selector);
    return !seeking && Math.abs(currentTime - 120) < 1;
  });
  await page.evaluate((selector) => {
    const audio = document.querySelector(selector);
    audio.muted = true;
    const note = (outcome) => (audio.dataset.outcome = outcome);
    // Some engines want a gesture first, which a script cannot make.
    audio.play().then(
      () => note('plays'),
      (error) => note(error.name),
    );
  }, LONG_PIECE);
  await untilPiece(page, (selector) => {
    const { dataset, currentTime } = document.querySelector(selector);
    return dataset.outcome === 'NotAllowedError' || (dataset.outcome === 'plays' && currentTime > 120.2);
  });
  await page.evaluate((selector) => document.querySelector(selector).pause(), LONG_PIECE);
}

/** By script: Firefox's driver, told to reload, goes past the service worker. */
async function reload(page) {
  await page.evaluate(() => {
    self.beforeReload = true;
    setTimeout(() => location.reload());
  });
  await page.waitFor(() => !self.beforeReload);
  await untilReady(page);
}

async function run(page, experiment) {
  await page.evaluate(click, `lab-${experiment}`);
  await page.waitFor(
    { timeout: 30_000 },
    (id) => document.querySelector(`[data-experiment="${id}"]`).dataset.state === 'done',
    experiment,
  );
  return page.evaluate(
    (id) =>
      [...document.querySelectorAll('.log-line')]
        .filter((node) => node.dataset.experiment === id)
        .map((node) => ({ ...node.dataset })),
    experiment,
  );
}

function defineDemo(query, engine, test) {
  const native = engine === 'chromium' && query === '';
  const title = engine === 'chromium' ? (native ? ', native' : ', polyfill') : '';
  const demo = (name, body) =>
    test(name + title, { timeout: 120_000 }, (context) =>
      withDemo(context, { query, bytesPerSecond: SPEED }, async (page, server) => {
        await untilReady(page);
        await body(page, server);
      }),
    );

  demo('says whose API is at work', async (page) => {
    const api = await page.evaluate(() => document.getElementById('api').dataset.api);
    assert.equal(api, native ? 'native' : 'polyfill');
  });

  demo(
    'shows progress, stores the set, and shows it after a reload without the server',
    async (page, server) => {
      await page.evaluate(click, 'store');
      const seen = await page.waitFor({ timeout: 30_000 }, () => {
        const { value, max } = document.getElementById('progress');
        return value > 1e6 && value < max && { value, max };
      });
      assert.ok(seen.value < seen.max);
      server.pace.bytesPerSecond = 0;
      await page.waitFor({ timeout: 60_000 }, seriesState, 'stored');
      await page.waitFor(picturesShown);
      const stored = await page.evaluate(
        () => document.querySelectorAll('.file[data-state="stored"]').length,
      );
      assert.equal(stored, TOTAL_FILES);

      await server.close();
      await reload(page);
      await page.waitFor(picturesShown);
      assert.equal(await page.evaluate(() => document.getElementById('server').dataset.server), 'off');
      await hearLongPiece(page);

      await page.evaluate(click, 'remove');
      await page.evaluate(click, 'question-yes');
      await page.waitFor(seriesState, 'missing');
      assert.equal(await page.evaluate(() => caches.has('series')), false);
    },
  );

  demo('finds the running fetch after a reload', async (page, server) => {
    server.pace.bytesPerSecond = 4_000_000;
    await page.evaluate(click, 'store');
    await page.waitFor({ timeout: 30_000 }, () => document.getElementById('progress').value > 1e6);
    await reload(page);
    await page.waitFor(seriesState, 'storing');
    const before = await page.evaluate(() => document.getElementById('progress').value);
    // Chromium's own may take 30 s to notice that a file has ended while the page was reloaded.
    await page.waitFor(
      { timeout: 60_000 },
      (value) => document.getElementById('progress').value > value + 1e6,
      before,
    );
    server.pace.bytesPerSecond = 0;
    await page.waitFor({ timeout: 60_000 }, seriesState, 'stored');
  });

  demo('stores nothing after an abort', async (page, server) => {
    server.pace.bytesPerSecond = 4_000_000;
    await page.evaluate(click, 'store');
    await page.waitFor({ timeout: 30_000 }, () => document.getElementById('progress').value > 5e5);
    await page.evaluate(click, 'abort');
    await page.evaluate(click, 'question-yes');
    await page.waitFor({ timeout: 30_000 }, line, 'series', 'aborted');
    await page.waitFor(seriesState, 'missing');
    const kept = await page.evaluate(async () =>
      (await caches.has('series')) ? (await (await caches.open('series')).keys()).length : 0,
    );
    assert.equal(kept, 0);
  });

  demo('tells what went wrong in each experiment', async (page, server) => {
    server.pace.bytesPerSecond = 0;
    const [wrong] = await run(page, 'wrong-url');
    assert.equal(wrong.reason, 'bad-status');
    assert.equal(wrong.stored, 'dawn.png night.png');
    assert.equal(wrong.lost, 'no-such-file.png');

    const [noCors] = await run(page, 'no-cors');
    assert.equal(noCors.reason, 'fetch-error');
    assert.equal(noCors.stored, 'noon.png');
    assert.equal(noCors.lost, 'dusk.png');

    const [cors] = await run(page, 'cors');
    assert.equal(cors.outcome, 'stored');

    const [tooSmall] = await run(page, 'too-small-total');
    assert.equal(tooSmall.reason, 'download-total-exceeded');
    assert.equal(tooSmall.stored, '');

    const [aborted] = await run(page, 'abort');
    assert.equal(aborted.outcome, 'aborted');
    assert.equal(aborted.reason, 'aborted');

    const [second, first] = await run(page, 'same-id');
    assert.equal(second.error, 'TypeError');
    assert.equal(first.outcome, 'stored');
  });
}

forEachEngine('demo', ({ engine, test }) => {
  defineDemo('', engine, test);
  if (engine === 'chromium') defineDemo('?force', engine, test);

  test('pages and worker are served with a policy that forbids code from strings', async () => {
    const server = await startDemoServer({ port: 0 });
    try {
      for (const path of ['/', '/series.html', '/sw.js']) {
        const { status, headers } = await fetch(server.origin + path);
        assert.equal(status, 200, path);
        const policy = headers.get('Content-Security-Policy') ?? '';
        const directives = new Map(
          policy.split(/\s*;\s*/).map((directive) => {
            const [name, ...values] = directive.split(/\s+/);
            return [name, values];
          }),
        );
        assert.ok(directives.get('script-src')?.includes("'wasm-unsafe-eval'"), `${path}: ${policy}`);
        assert.doesNotMatch(policy, /'unsafe-(inline|eval|hashes)'/, path);
        assert.deepEqual(directives.get('require-trusted-types-for'), ["'script'"], path);
      }
    } finally {
      await server.close();
    }
  });

  test('says so if its worker cannot be installed', async (context) => {
    const mounts = [{ at: '/', directory: fileURLToPath(new URL('demo/', import.meta.url)) }];
    await withDemo(context, { mounts }, async (page) => {
      assert.equal(await page.waitFor(ready), 'unsupported');
      const text = await page.evaluate(() => document.getElementById('unsupported-text').textContent);
      assert.match(text, /service worker could not be installed/);
    });
  });
});
