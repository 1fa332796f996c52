import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, findPrograms, giveUp, outputOf, ROOT, runQuietly, TOOLS } from './run.mjs';

const TARGET = 'wasm32-unknown-unknown';

function versionInManifest(key, pattern) {
  const match = pattern.exec(readFileSync(join(ROOT, 'Cargo.toml'), 'utf8'));
  if (!match) throw new Error(`Cargo.toml has no line ${key}`);
  return match[1];
}

/** The crate and its command line tool must have the very same version, which Cargo.toml pins. */
function wasmBindgenVersion() {
  return versionInManifest('wasm-bindgen = "=VERSION"', /^wasm-bindgen = "=([\d.]+)"/m);
}

/**
 * The full path of `wasm-bindgen` or `wasm-bindgen-test-runner` in just that version, null where there is none.
 */
export function findWasmBindgen(tool) {
  const version = wasmBindgenVersion();
  const isRight = (file) => outputOf(file, ['--version'])?.trim().endsWith(` ${version}`);
  return findPrograms(tool).find(isRight) ?? null;
}

function isOlder(version, than) {
  const [major, minor] = version.split('.').map(Number);
  const [thanMajor, thanMinor] = than.split('.').map(Number);
  return major < thanMajor || (major === thanMajor && minor < thanMinor);
}

function ensureRust() {
  const version = outputOf('rustc', ['--version'])?.split(' ')[1];
  if (!findProgram('cargo') || !version) {
    giveUp('Rust is missing: cargo and rustc have to be in PATH and to run, see https://rustup.rs');
  }
  const needed = versionInManifest('rust-version = "VERSION"', /^rust-version = "([\d.]+)"/m);
  if (!isOlder(version, needed)) return;
  const advice = findProgram('rustup') ? 'rustup update' : 'see https://rustup.rs';
  giveUp(`Rust ${needed} or newer is needed, this is ${version}: ${advice}`);
}

function ensureTarget() {
  const sysroot = outputOf('rustc', ['--print', 'sysroot'])?.trim();
  if (sysroot && existsSync(join(sysroot, 'lib', 'rustlib', TARGET))) return;
  if (!findProgram('rustup')) {
    giveUp(`Rust's target ${TARGET} is missing, and there is no rustup to add it: see https://rustup.rs`);
  }
  console.log(`Adding Rust's target ${TARGET}`);
  runQuietly('rustup', ['target', 'add', TARGET]);
}

function ensureWasmBindgen() {
  if (findWasmBindgen('wasm-bindgen') && findWasmBindgen('wasm-bindgen-test-runner')) return;
  const version = wasmBindgenVersion();
  console.log(`Compiling wasm-bindgen-cli ${version}, which takes some minutes`);
  // Without --locked: the versions in the crate's own lock file did not resolve for 0.2.130.
  runQuietly('cargo', ['install', 'wasm-bindgen-cli', '--version', version, '--root', TOOLS, '--force']);
}

/** Makes sure of a Rust that is new enough, the wasm target and wasm-bindgen's tools; what is missing goes to target/tools. */
export function ensureWasmToolchain() {
  ensureRust();
  ensureTarget();
  ensureWasmBindgen();
}
