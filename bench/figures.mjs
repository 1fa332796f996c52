/** What a comparison of times does not show: each row gives figures of the package alone, the median of the rounds. */
import { launch } from '../tests/browsers/index.mjs';
import { openPage } from './open-page.mjs';
import { LARGE, MIB } from './rows.mjs';

/**
 * A reload at half of a file.
 *
 * @param {any} browser
 * @param {string} engine
 */
async function resume(browser, engine, rounds) {
  // Slow enough that a reload at half of it is one.
  const row = { files: { count: 1, size: LARGE }, throttleTotal: 64 * MIB };
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

/** An animation while a large file comes in. */
async function animation(browser, engine, rounds) {
  const { page, server, urls } = await openPage(
    browser,
    'package',
    { files: { count: 1, size: LARGE } },
    engine,
  );
  const found = [];
  for (let round = 0; round <= rounds; round += 1) {
    const figures = await page.evaluate(async (files) => {
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
        return { rate: (1000 * gaps.length) / (last - begin), longest: Math.max(...gaps), tasks };
      }
      const idle = await framesDuring(() => new Promise((resolve) => setTimeout(resolve, 2000)));
      const busy = await framesDuring(() => self.ways.backgroundFetch(files, {}));
      return {
        'frames per second, idle': idle.rate,
        'frames per second': busy.rate,
        '% of frames lost': 100 * (1 - busy.rate / idle.rate),
        'longest ms between frames, idle': idle.longest,
        'longest ms between frames': busy.longest,
        ...(tellsTasks && { 'longest task over 50 ms': Math.max(0, ...busy.tasks) }),
      };
    }, urls);
    await page.evaluate(() => self.clear());
    if (round > 0) found.push(figures);
  }
  await server.close();
  return found;
}

/** @type {Record<string, { title: string, most: Record<string, number>, measure: (browser: any, engine: string, rounds: number) => Promise<Record<string, number>[]> }>} */
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
