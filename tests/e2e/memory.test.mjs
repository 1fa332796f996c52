import assert from 'node:assert/strict';
import { assertNothingLeft, openApp } from './app.mjs';
import { forEachEngine } from './harness.mjs';
import { METER } from './memory-meter.mjs';

const MIB = 1 << 20;
const SIZE = 1024 * MIB;
const MOST_GROWTH = 64 * MIB;

forEachEngine('memory', ({ engine, test }) => {
  const skip = engine === 'chromium' ? false : 'only Chromium tells the size of its heap';
  test('a file of 1 GiB passes through a small page', { timeout: 240_000, skip }, async (context) => {
    const { server, t } = context;
    server.file('/huge.bin', { size: SIZE });
    server.file('/small.bin', { size: 1000 });
    const page = await openApp(context, { before: `<script>${METER}</script>` });
    await page.evaluate(() => window.app.fetch('small', '/small.bin'));
    await page.waitFor(() => window.app.state('small').result);
    const before = await page.evaluate(() => {
      const held = self.meter.look();
      setInterval(self.meter.look, 100);
      return { held, memories: self.meter.memories.length };
    });
    assert.ok(before.memories > 0, 'the wasm memory is seen');
    await page.evaluate(() => window.app.fetch('huge', '/huge.bin'));
    await page.waitFor({ timeout: 200_000 }, () => window.app.state('huge').result);
    const { state, most } = await page.evaluate(() => ({
      state: window.app.state('huge'),
      most: self.meter.most,
    }));
    assert.equal(state.result, 'success');
    assert.equal(state.downloaded, SIZE);
    const growth = most - before.held;
    t.diagnostic(`JS heap and wasm memory grew by ${(growth / MIB).toFixed(1)} MiB at most`);
    assert.ok(growth < MOST_GROWTH, `${(growth / MIB).toFixed(1)} MiB`);
    // The worker puts all of it into the cache first.
    await assertNothingLeft(page, { timeout: 100_000 });
  });
});
