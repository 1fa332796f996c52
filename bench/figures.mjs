/** What a comparison of times does not show: each row gives figures of the package alone, the median of the rounds. */
import { launch } from '../tests/browsers/index.mjs';
import { hasNoRows } from '../tests/e2e/count-rows.mjs';
import { METER } from '../tests/e2e/memory-meter.mjs';
import { openPage } from './open-page.mjs';
import { LARGE, MIB, parts } from './rows.mjs';

/**
 * A reload at half of a file.
 *
 * @param {any} browser
 * @param {string} engine
 */
async function resume(browser, engine, rounds) {
  // Slow enough that a reload at half of it is one.
  const row = { files: { count: 1, size: LARGE }, throttleTotal: 32 * MIB };
  const { page, server, urls, size } = await openPage(browser, 'package', row, engine);
  const found = [];
  // The first one compiles the engine.
  for (let round = 0; round <= rounds; round += 1) {
    server.resetCounts();
    await page.evaluate(
      async ([id, url]) => {
        const registration = await navigator.serviceWorker.ready;
        window.running = await registration.backgroundFetch.fetch(id, url);
        return true;
      },
      [`resume-${round}`, urls[0]],
    );
    await page.waitFor({ timeout: 60_000 }, (half) => window.running.downloaded >= half, size / 2);
    await page.reload();
    const { origin, loaded } = await page.evaluate(() => {
      const [{ loadEventStart }] = performance.getEntriesByType('navigation');
      return { origin: performance.timeOrigin, loaded: loadEventStart };
    });
    const timeOf = (request) => performance.timeOrigin + request.at - origin;
    const ofThisPage = () => server.requests(urls[0]).find((request) => timeOf(request) > 0);
    const time = timeOf(await server.until(ofThisPage, { timeout: 30_000 }));
    await page.waitFor({ timeout: 120_000 }, async () => {
      const registration = await navigator.serviceWorker.ready;
      return (await registration.backgroundFetch.getIds()).length === 0;
    });
    if (round === 0) continue;
    found.push({
      'ms from the navigation to the first request': time,
      'ms from the load event to the first request': time - loaded,
      'MiB on the wire beyond the file': (server.sent(urls[0]) - size) / MIB,
    });
  }
  await server.close();
  return found;
}

/**
 * How often a page draws while it does the work of a way, and while it does nothing.
 *
 * @param {any} opened
 * @param {import('./rows.mjs').Way} way
 */
async function drawnDuring({ page, urls }, { way, options = {} }) {
  const drawn = await page.evaluate(
    async (chosen, files, given) => {
      const tellsTasks = PerformanceObserver.supportedEntryTypes.includes('longtask');
      async function framesDuring(work) {
        let isOver = false;
        const gaps = [];
        const tasks = [];
        const observer = new PerformanceObserver((list) => {
          tasks.push(...list.getEntries().map(({ duration }) => duration));
        });
        if (tellsTasks) observer.observe({ type: 'longtask' });
        const begin = performance.now();
        let last = begin;
        const counting = new Promise((resolve) => {
          const frame = () => {
            const now = performance.now();
            gaps.push(now - last);
            last = now;
            if (isOver) resolve();
            else requestAnimationFrame(frame);
          };
          requestAnimationFrame(frame);
        });
        await work();
        isOver = true;
        await counting;
        observer.disconnect();
        const rate = (1000 * gaps.length) / (last - begin);
        return { rate, longest: Math.max(...gaps), task: tellsTasks ? Math.max(0, ...tasks) : null };
      }
      const idle = await framesDuring(() => new Promise((resolve) => setTimeout(resolve, 2000)));
      return { idle, busy: await framesDuring(() => self.ways[chosen](files, given)) };
    },
    way,
    urls,
    options,
  );
  await page.evaluate(() => self.clear());
  return drawn;
}

/** An animation while a large file comes in. */
async function animation(browser, engine, rounds) {
  const row = { files: { count: 1, size: LARGE } };
  const opened = await openPage(browser, 'package', row, engine);
  const found = [];
  const lost = ({ idle, busy }) => 100 * (1 - busy.rate / idle.rate);
  for (let round = 0; round <= rounds; round += 1) {
    const { idle, busy } = await drawnDuring(opened, { way: 'backgroundFetch' });
    // In the same page, whose window is seen.
    const put = await drawnDuring(opened, { way: 'put' });
    const inParts = await drawnDuring(opened, parts(8, 3));
    if (round === 0) continue;
    found.push({
      'frames per second, idle': idle.rate,
      'frames per second': busy.rate,
      '% of frames lost': lost({ idle, busy }),
      '% of frames lost, cache.put': lost(put),
      '% of frames lost, parts as Blobs, 8 MiB, 3 at a time': lost(inParts),
      'longest ms between frames, idle': idle.longest,
      'longest ms between frames': busy.longest,
      ...(busy.task !== null && { 'longest task over 50 ms': busy.task }),
    });
  }
  await opened.server.close();
  return found;
}

/** Whether a file that is sixteen times as long takes more for each byte, or more memory. */
async function huge(browser, engine, rounds) {
  const row = { files: { count: 1, size: 256 * MIB }, before: METER };
  const { page, server, urls } = await openPage(browser, 'package', row, engine);
  server.file('/huge', { size: 4096 * MIB, repeats: true });
  const found = [];
  for (let round = 0; round <= rounds; round += 1) {
    const rates = [];
    let growth = 0;
    for (const url of [urls[0], '/huge']) {
      const { ms, grown, memories } = await page.evaluate(async (file) => {
        self.meter.most = 0;
        const held = self.meter.look();
        const looking = setInterval(self.meter.look, 100);
        const time = await self.ways.backgroundFetch([file], {});
        clearInterval(looking);
        return { ms: time, grown: self.meter.most - held, memories: self.meter.memories.length };
      }, url);
      if (memories === 0) throw new Error("the engine's memory is not seen");
      await page.evaluate(() => self.clear());
      await page.waitFor({ timeout: 60_000 }, hasNoRows);
      rates.push(server.contentOf(url).size / 1e3 / ms);
      growth = grown;
    }
    if (round === 0) continue;
    const [large, largest] = rates;
    found.push({
      'MB/s, 256 MiB': large,
      'MB/s, 4 GiB': largest,
      '% slower': 100 * (1 - largest / large),
      [engine === 'chromium' ? HEAP_AND_WASM : 'MiB that wasm memory grows by']: growth / MIB,
    });
  }
  await server.close();
  return found;
}

/** Only Chromium tells a page how large its heap is. */
const HEAP_AND_WASM = "MiB that JavaScript's heap and wasm memory grow by";

/** @type {Record<string, { title: string, engines?: string[], most: Record<string, number>, measure: (browser: any, engine: string, rounds: number) => Promise<Record<string, number>[]> }>} */
export const FIGURES = {
  resume: {
    title: 'One large file, with a reload at half of it; the engine was compiled before',
    most: { 'ms from the load event to the first request': 300, 'MiB on the wire beyond the file': 8 },
    measure: resume,
  },
  animation: {
    title: 'An animation while one large file comes in',
    most: {
      '% of frames lost': 10,
      'longest task over 50 ms': 50,
    },
    measure: animation,
  },
  huge: {
    title: '4 GiB in one file',
    engines: ['chromium', 'firefox'],
    most: { '% slower': 15, [HEAP_AND_WASM]: 64, 'MiB that wasm memory grows by': 64 },
    measure: huge,
  },
};

/** The figures of each round. */
export async function measureFigures(name, engine, rounds) {
  const browser = await launch(engine);
  try {
    return await FIGURES[name].measure(browser, engine, rounds);
  } finally {
    await browser.close();
  }
}
