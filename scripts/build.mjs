/** `npm run build`: wasm module, glue, pkg/ and the demo's bundles. Does nothing when nothing has changed. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { encode } from '../src/js/engine-file/escaped-ascii.js';
import { outputOf } from './setup/run.mjs';
import { findWasmBindgen } from './setup/wasm.mjs';
import { sizeTable, UNOPTIMIZED } from './sizes.mjs';
import { copyTypes, DECLARATIONS } from './types.mjs';
import { minifyNames } from './wasm/minify-names.mjs';
import { optimize } from './wasm/optimize.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const INPUTS = [
  'src',
  'www',
  'Cargo.toml',
  'Cargo.lock',
  'rust-toolchain.toml',
  'webpack.config.js',
  'package.json',
  'package-lock.json',
  'scripts/build.mjs',
  'scripts/sizes.mjs',
  'scripts/types.mjs',
  'scripts/wasm',
];
/** Nothing that is built comes from them: what is generated, and what makes the demo's pictures and music. */
const NO_INPUTS = ['www/dist', 'www/assets', 'www/art'];
const SCRIPTS = ['', '.inline'].flatMap((form) => [
  `pkg/index${form}.mjs`,
  `pkg/ponyfill${form}.mjs`,
  `pkg/service-worker${form}.mjs`,
  `pkg/background-fetch-polyfill${form}.js`,
  `pkg/service-worker${form}.js`,
]);
/** Source -> file of the package that is a copy of it. */
const COPIED = {
  'src/index.mjs': 'index.mjs',
  'src/index.inline.mjs': 'index.inline.mjs',
  'src/shelf-define.mjs': 'shelf-define.mjs',
  'src/shelf/texts-de.js': 'shelf-texts-de.mjs',
  'src/shelf/texts-ar.js': 'shelf-texts-ar.mjs',
  'src/storage-manager-list-define.mjs': 'storage-manager-list-define.mjs',
  'src/storage-manager-list/texts-de.js': 'storage-manager-list-texts-de.mjs',
};
/** What runs in Node is not bundled: it lies in the package as it does here. */
const FOR_NODE = [...readdirSync(join(ROOT, 'src/manifest')), '../storage-manager/check-manifest.js']
  .filter((name) => !name.endsWith('.md'))
  .map((name) => join('manifest', name));
const ENGINE = 'pkg/background-fetch-polyfill.wasm';
const OUTPUTS = [
  ...SCRIPTS,
  'pkg/service-worker.webpack.mjs',
  ...['shelf.mjs', 'shelf.js', 'shelf-define.mjs', 'shelf-texts-de.mjs', 'shelf-texts-ar.mjs'].map(
    (name) => `pkg/${name}`,
  ),
  ...[
    'storage-manager.mjs',
    'storage-manager-worker.mjs',
    'storage-manager-worker.js',
    'storage-manager-workbox.mjs',
  ].map((name) => `pkg/${name}`),
  ...['.mjs', '.js', '-define.mjs', '-texts-de.mjs'].map((rest) => `pkg/storage-manager-list${rest}`),
  ...FOR_NODE.map((name) => join('pkg', name)),
  ENGINE,
  ...DECLARATIONS,
  'www/dist/main.js',
  'www/dist/sw.js',
];
const STAMP = 'target/build-stamp';
const TARGET = 'wasm32-unknown-unknown';
const WASM = 'target/wasm/background_fetch_polyfill_bg.wasm';
const GLUE = 'target/wasm/background_fetch_polyfill.js';

process.chdir(ROOT);
await main();

async function main() {
  const fingerprint = await fingerprintOf(INPUTS);
  if ((await isThere(OUTPUTS)) && (await readFile(STAMP, 'utf8').catch(() => '')) === fingerprint) return;

  const { ensureNpmPackages, ensureWasmToolchain } = await import('./setup.mjs');
  await ensureNpmPackages();
  await ensureWasmToolchain();
  await rm(STAMP, { force: true });
  await buildWasm();
  await rm('pkg', { recursive: true, force: true });
  await mkdir('pkg');
  await copyFile(WASM, ENGINE);
  await writeEscaped();
  const { default: packageConfigs, demo } = await import('../webpack.config.js');
  await bundle(packageConfigs);
  for (const [source, name] of Object.entries(COPIED)) await copyFile(source, `pkg/${name}`);
  await copyForNode();
  copyTypes();
  await bundle([demo]);
  console.log(sizeTable());
  await writeFile(STAMP, fingerprint);
}

async function buildWasm() {
  await run('cargo', [
    'build',
    '--release',
    '--lib',
    '--target',
    TARGET,
    '--config',
    await withoutOwnPaths(),
  ]);
  await run(findWasmBindgen('wasm-bindgen'), [
    `target/${TARGET}/release/background_fetch_polyfill.wasm`,
    '--target=web',
    '--omit-default-module-path',
    '--no-typescript',
    // So that src/js/start-engine.js can make another instance.
    '--experimental-reset-state-function',
    '--out-dir=target/wasm',
  ]);
  await rename(WASM, UNOPTIMIZED);
  await optimize(UNOPTIMIZED, WASM);
  await minifyNames(WASM, GLUE);
}

/** Messages of panics name files: by paths that are the same on every machine. */
async function withoutOwnPaths() {
  // They are there when cargo has them.
  await run('cargo', ['fetch', '--quiet', '--locked']);
  const home = process.env.CARGO_HOME ?? join(homedir(), '.cargo');
  const sources = join(home, 'registry/src');
  const registries = await readdir(sources).catch(() => []);
  const prefixes = [...registries.map((registry) => `${join(sources, registry)}=crates`), `${ROOT}=`];
  const flags = prefixes.map((prefix) => `--remap-path-prefix=${prefix}`);
  return `target.${TARGET}.rustflags=${JSON.stringify(flags)}`;
}

/** The engine as the scripts have it that need no other file. */
async function writeEscaped() {
  const { code, order } = encode(await readFile(WASM));
  await writeFile(
    'target/wasm/escaped.js',
    `export const code = ${JSON.stringify(code)};\nexport const order = ${JSON.stringify(order)};\n`,
  );
}

async function copyForNode() {
  for (const name of FOR_NODE) {
    await mkdir(dirname(join('pkg', name)), { recursive: true });
    await copyFile(join('src', name), join('pkg', name));
  }
}

async function bundle(configs) {
  const { default: webpack } = await import('webpack');
  const stats = await new Promise((resolve, reject) => {
    webpack(configs, (error, result) => (error ? reject(error) : resolve(result)));
  });
  if (stats.hasErrors() || stats.hasWarnings())
    console.error(stats.toString({ all: false, errors: true, warnings: true }));
  if (stats.hasErrors()) process.exit(1);
}

async function run(command, args) {
  const [code] = await once(spawn(command, args, { stdio: 'inherit' }), 'exit');
  if (code !== 0) {
    console.error(`${command} failed.`);
    process.exit(1);
  }
}

async function fingerprintOf(paths) {
  const hash = createHash('sha256');
  // wasm-bindgen has to be the version that Cargo.toml pins, which is among the inputs.
  hash.update(outputOf('rustc', ['--version']) ?? '');
  for (const file of await filesBelow(paths)) hash.update(file).update(await readFile(file));
  return hash.digest('hex');
}

async function filesBelow(paths) {
  const files = [];
  for (const path of [...paths].sort()) {
    if (NO_INPUTS.includes(path)) continue;
    if (!(await stat(path)).isDirectory()) files.push(path);
    else files.push(...(await filesBelow((await readdir(path)).map((name) => `${path}/${name}`))));
  }
  return files;
}

async function isThere(files) {
  const found = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
  return found.every(Boolean);
}
