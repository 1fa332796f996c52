/**
 * `npm run bench -- [--quick] [--engine E] [--row R] [--rounds N] [--no-results]`: what the package takes for its work against what is
 * written by hand, in the same browser, one after the other. Prints a JSON line for each row and engine, and keeps it in
 * results.jsonl and RESULTS.md.
 */
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { ensureBrowsers, PERSISTENT } from '../scripts/setup.mjs';
import { launch } from '../tests/browsers/index.mjs';
import { hasNoRows } from '../tests/e2e/count-rows.mjs';
import { FIGURES, measureFigures } from './figures.mjs';
import { openPage } from './open-page.mjs';
import { rateOfServer } from './rate-of-server.mjs';
import { describeFigures, describeRow, describeServer, isWithinLimits, keepResult } from './results.mjs';
import { ROWS } from './rows.mjs';

function read() {
  const text = /** @type {const} */ ({ type: 'string', multiple: false });
  const flag = /** @type {const} */ ({ type: 'boolean', multiple: false });
  const { values } = parseArgs({
    options: { quick: flag, engine: text, row: text, rounds: text, 'no-results': flag },
  });
  const { quick = false, engine, row, rounds = quick ? '2' : '5' } = values;
  /** @param {[string, import('./rows.mjs').Row]} entry */
  const isWanted = ([name, { isQuick }]) => (row ? name === row : !quick || isQuick);
  const rows = Object.entries(ROWS).filter(isWanted);
  return {
    isQuick: quick,
    engines: engine ? [engine] : PERSISTENT,
    rows: quick ? rows.map(withoutUnlimited) : rows,
    figures: Object.keys(FIGURES).filter((name) => (row ? name === row : !quick)),
    rounds: Number(rounds),
    isKept: !quick && !values['no-results'],
  };
}

/** Without the ways that only inform. */
function withoutUnlimited([name, row]) {
  const ways = Object.entries(row.ways).filter(([way]) => way === 'package' || row.most[way]);
  return [name, { ...row, ways: Object.fromEntries(ways) }];
}

async function clear({ page }, kind) {
  await page.evaluate(() => self.clear());
  if (kind === 'package') await page.waitFor({ timeout: 60_000 }, hasNoRows);
}

/** `options.integrity` names a hash function, of which the way is given the value for the first file. */
function optionsFor({ server, urls }, { integrity, ...options }) {
  if (!integrity) return options;
  const hash = createHash(integrity);
  const { size } = server.contentOf(urls[0]);
  for (let offset = 0; offset < size;) {
    const piece = server.bytes(urls[0], offset, size);
    hash.update(piece);
    offset += piece.length;
  }
  return { ...options, integrity: `${integrity}-${hash.digest('base64')}` };
}

/** The times of each way, in ms; for 1,000 files where there are more. The ways take turns, in an order that changes. */
async function measure(engine, row, rounds) {
  const browser = await launch(engine);
  const pages = new Map();
  try {
    for (const { page = 'plain' } of Object.values(row.ways)) {
      if (!pages.has(page)) pages.set(page, await openPage(browser, page, row, engine));
    }
    const ways = Object.entries(row.ways);
    const times = Object.fromEntries(ways.map(([name]) => [name, []]));
    // The first round warms up: what is loaded, compiled and made once.
    for (let round = 0; round <= rounds; round += 1) {
      for (const [name, { way, options, page = 'plain' }] of round % 2 ? ways.toReversed() : ways) {
        const opened = pages.get(page);
        const run = (each, urls, chosen) => self.ways[each](urls, chosen);
        const { count = opened.urls.length, ...rest } = options ?? {};
        const urls = opened.urls.slice(0, count);
        const time = await opened.page.evaluate(run, way, urls, optionsFor(opened, rest));
        await clear(opened, page);
        if (round > 0) times[name].push(time / Math.max(1, count / 1000));
      }
    }
    return times;
  } finally {
    await browser.close();
    for (const { server } of pages.values()) await server.close();
  }
}

/** What a browser says of itself. */
async function versionOf(engine) {
  const browser = await launch(engine);
  const page = await browser.newPage('about:blank');
  const version = await page.evaluate(() => navigator.userAgent);
  await browser.close();
  return version;
}

async function tell(result) {
  const told = { ...result, date: new Date().toISOString().slice(0, 10), rounds };
  console.log(JSON.stringify(told));
  if (isKept) await keepResult(told);
}

const { engines, rows, figures, rounds, isKept, isQuick } = read();
ensureBrowsers(engines);
await tell(describeServer(await rateOfServer()));
const browsers = {};
for (const engine of isKept ? engines : []) browsers[engine] = await versionOf(engine);
for (const [name, row] of rows) {
  for (const engine of row.engines ? engines.filter((each) => row.engines.includes(each)) : engines) {
    const result = describeRow(name, row, engine, await measure(engine, row, rounds));
    await tell({ ...result, browser: browsers[engine] });
    if (isQuick && !isWithinLimits(result)) process.exitCode = 1;
  }
}
for (const name of figures) {
  const told = FIGURES[name].engines ?? engines;
  for (const engine of engines.filter((each) => told.includes(each))) {
    const result = describeFigures(name, engine, await measureFigures(name, engine, rounds));
    await tell({ ...result, browser: browsers[engine] });
  }
}
process.exit();
