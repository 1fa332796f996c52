/** `npm run sizes`: what the package weighs, and what of it weighs most. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { ROOT } from './setup/run.mjs';
import { optimizeAndName } from './wasm/optimize.mjs';
import { functionsOf } from './wasm/reader.mjs';

/** Bytes with brotli, as they were when somebody last had a reason to raise them. */
const LIMITS = JSON.parse(readFileSync(join(ROOT, 'scripts/size-limits.json'), 'utf8'));
const TOLERANCE = 1.02;

/** The engine with the names of its functions; `npm run build` leaves it there. */
export const UNOPTIMIZED = 'target/wasm/unoptimized.wasm';
const NAMED = 'target/wasm/named.wasm';
const LARGEST = 20;

function measure(file) {
  const content = readFileSync(join(ROOT, 'pkg', file));
  return { raw: content.length, gzip: gzipSync(content).length, brotli: brotliCompressSync(content).length };
}

const kilobytes = (bytes) => (bytes / 1000).toFixed(1).padStart(8);

export function sizeTable() {
  const rows = Object.keys(LIMITS).map((file) => {
    const { raw, gzip, brotli } = measure(file);
    return `${file.padEnd(36)}${kilobytes(raw)}${kilobytes(gzip)}${kilobytes(brotli)}`;
  });
  return [
    `${'kB'.padEnd(36)}${['raw', 'gzip', 'brotli'].map((name) => name.padStart(8)).join('')}`,
    ...rows,
  ].join('\n');
}

/** What tells the machine that the package was built on. */
function ownPaths() {
  const home = homedir();
  const cargo = process.env.CARGO_HOME ?? join(home, '.cargo');
  const own = [ROOT.replace(/\/$/, ''), home, cargo].filter((path) => path !== '/');
  return [...own, '/home/', '/.cargo/', 'target/wasm32'];
}

/** The files of the package that have such a path in them. */
function tellingFiles() {
  const paths = ownPaths();
  const entries = readdirSync(join(ROOT, 'pkg'), { recursive: true, encoding: 'utf8' });
  const files = entries.filter((entry) => statSync(join(ROOT, 'pkg', entry)).isFile());
  return files.flatMap((file) => {
    const content = readFileSync(join(ROOT, 'pkg', file), 'latin1');
    return paths.filter((path) => content.includes(path)).map((path) => `${file} has ${path} in it`);
  });
}

/** Whether the package weighs no more than it is to, and tells nothing of where it was built. */
export function sizes() {
  console.log(sizeTable());
  const tooLarge = Object.entries(LIMITS).filter(([file, limit]) => measure(file).brotli > limit * TOLERANCE);
  for (const [file, limit] of tooLarge) {
    console.log(
      `FAILED: ${file} has more than ${limit} bytes with brotli, and 2 %: scripts/size-limits.json`,
    );
  }
  const telling = tellingFiles();
  for (const what of telling) console.log(`FAILED: ${what}`);
  return tooLarge.length === 0 && telling.length === 0;
}

/** Generic code of a library is counted as the library's. */
function kindOf(name) {
  const [, layer] = /background_fetch_polyfill::(model|engine|web)/.exec(name) ?? [];
  if (layer) return `src/${layer}`;
  if (/externref shim|backgroundfetchengine_|livebody_|__wb/.test(name)) return 'glue';
  const [, crate] = /\b(?!impl\b|dyn\b)([a-z_]+[a-z])(?:\[[0-9a-f]+\])?::/.exec(name) ?? [];
  return crate ?? 'unnamed';
}

async function printItems() {
  const named = join(ROOT, NAMED);
  await optimizeAndName(join(ROOT, UNOPTIMIZED), named);
  const functions = functionsOf(readFileSync(named))
    .map(({ name, body }) => ({ name, length: body.length }))
    .sort((one, other) => other.length - one.length);
  const kinds = new Map();
  for (const { length, name } of functions) kinds.set(kindOf(name), length + (kinds.get(kindOf(name)) ?? 0));
  console.log('\nBytes of code by kind, not compressed:');
  for (const [kind, length] of [...kinds].sort(([, one], [, other]) => other - one).slice(0, LARGEST))
    console.log(`${String(length).padStart(8)}  ${kind}`);
  console.log('\nThe largest functions:');
  for (const { length, name } of functions.slice(0, LARGEST))
    console.log(`${String(length).padStart(8)}  ${name.replace(/::h[0-9a-f]{16}$/, '').slice(0, 120)}`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  sizes();
  await printItems();
}
