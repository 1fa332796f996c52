import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../scripts/setup/run.mjs';
import { FIGURES } from './figures.mjs';
import { ROWS } from './rows.mjs';

/** In `npm test` the machine is not quiet, and a few rounds are run only. */
const TOLERANCE = 2;

function median(numbers) {
  const sorted = numbers.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle) - 1]) / 2;
}

/** Times in ms, and what the package takes of the time of each other way. */
export function describeRow(name, { ways, most }, engine, times) {
  const medians = Object.fromEntries(Object.entries(times).map(([way, all]) => [way, median(all)]));
  const others = Object.keys(ways).filter((way) => way !== 'package');
  const ratios = Object.fromEntries(others.map((way) => [way, medians.package / medians[way]]));
  const limits = Object.fromEntries(
    others.filter((way) => most[way]?.[engine]).map((way) => [way, most[way][engine]]),
  );
  return {
    row: name,
    engine,
    medians: rounded(medians, 0),
    spread: spreadOf(times),
    ratios: rounded(ratios, 2),
    limits,
  };
}

/** Figures of the package alone, and what they may be at most. */
export function describeFigures(name, engine, rounds) {
  const medians = Object.keys(rounds[0]).map((figure) => [
    figure,
    median(rounds.map((each) => each[figure])),
  ]);
  return { row: name, engine, figures: rounded(Object.fromEntries(medians), 1), limits: FIGURES[name].most };
}

function spreadOf(times) {
  return Object.fromEntries(
    Object.entries(times).map(([way, all]) => [
      way,
      [Math.round(Math.min(...all)), Math.round(Math.max(...all))],
    ]),
  );
}

function rounded(values, digits) {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Number(value.toFixed(digits))]),
  );
}

/** By the fastest rounds: what else the machine does makes some of them slow. */
export function isWithinLimits({ row, engine, spread, limits }) {
  const [fastest] = spread.package;
  const exceeded = Object.entries(limits).filter(
    ([way, limit]) => fastest > TOLERANCE * limit * spread[way][0],
  );
  for (const [way, limit] of exceeded) {
    console.error(
      `${row}, ${engine}: ${fastest} ms, more than ${TOLERANCE} times ${limit} of ${spread[way][0]} ms, ${way}`,
    );
  }
  return exceeded.length === 0;
}

/** Where the figures come from, which are the line of the row `server`. */
export function describeServer(megabytesPerSecond) {
  const [{ model }] = cpus();
  const node = process.versions.node;
  return { row: 'server', megabytesPerSecond, cores: availableParallelism(), processor: model, node };
}

const LINES = join(ROOT, 'bench/results.jsonl');
const TITLES = Object.fromEntries(
  Object.entries({ ...ROWS, ...FIGURES }).map(([name, { title }]) => [name, title]),
);

/** The newest result of each row and engine, and a table of all. One row can be measured again without the others. */
export async function keepResult(result) {
  const text = await readFile(LINES, 'utf8').catch(() => '');
  const kept = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const names = ['server', ...Object.keys(TITLES)];
  const others = kept.filter((other) => names.includes(other.row) && keyOf(other) !== keyOf(result));
  const results = [...others, result].sort(
    (one, other) =>
      names.indexOf(one.row) - names.indexOf(other.row) || keyOf(one).localeCompare(keyOf(other)),
  );
  await writeFile(LINES, results.map((each) => `${JSON.stringify(each)}\n`).join(''));
  await writeFile(join(ROOT, 'bench/RESULTS.md'), textOf(results));
}

function keyOf({ row, engine = '' }) {
  return `${row} ${engine}`;
}

function textOf(lines) {
  const [{ megabytesPerSecond, cores, processor, node }, ...results] = lines;
  const browsers = new Set(results.map(({ engine, browser }) => `- ${engine}: ${browser}`));
  const sections = Object.entries(TITLES).map(([name, title]) => {
    const ofRow = results.filter(({ row }) => row === name);
    return ofRow.length === 0 ? [] : ['', `## ${title}`, '', ...tableOf(ofRow)];
  });
  return [
    '# Results',
    '',
    `Written by \`npm run bench\`, on ${cores} cores (${processor}), Node.js ${node}. The server alone gives ${megabytesPerSecond} MB/s.`,
    '',
    ...browsers,
    ...sections.flat(),
    '',
  ].join('\n');
}

function tableOf(results) {
  const columns = results[0].figures
    ? ['engine', 'what', 'median', 'limit']
    : ['engine', 'way', 'ms', 'from', 'to', 'package / way', 'limit'];
  const lines = [[...columns, 'day, rounds'], Array(columns.length + 1).fill('---')];
  for (const { engine, medians, figures, spread, ratios, limits, date, rounds } of results) {
    for (const [name, value] of Object.entries(medians ?? figures)) {
      const compared = medians ? [...spread[name], ratios[name] ?? ''] : [];
      lines.push([engine, name, value, ...compared, limits[name] ?? '', `${date}, ${rounds}`]);
    }
  }
  return lines.map((cells) => `| ${cells.join(' | ')} |`);
}
