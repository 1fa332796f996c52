import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, findPrograms, outputOf, ROOT, runQuietly, TOOLS } from './run.mjs';

const TARGET = 'wasm32-unknown-unknown';

/** The crate and its command line tool must have the very same version, which Cargo.toml pins. */
export function wasmBindgenVersion() {
  const match = /^wasm-bindgen = "=([\d.]+)"/m.exec(readFileSync(join(ROOT, 'Cargo.toml'), 'utf8'));
  if (!match) throw new Error('Cargo.toml has no line wasm-bindgen = "=VERSION"');
  return match[1];
}

/**
 * The full path of `wasm-bindgen` or `wasm-bindgen-test-runner` in just that version, null where there is none.
 */
export function findWasmBindgen(tool) {
  const version = wasmBindgenVersion();
  const isRight = (file) => outputOf(file, ['--version'])?.trim().endsWith(` ${version}`);
  return findPrograms(tool).find(isRight) ?? null;
}

function ensureTarget() {
  const sysroot = outputOf('rustc', ['--print', 'sysroot'])?.trim();
  if (sysroot && existsSync(join(sysroot, 'lib', 'rustlib', TARGET))) return;
  if (!findProgram('rustup')) {
    throw new Error(
      `Rust's target ${TARGET} is missing, and there is no rustup to add it: see https://rustup.rs`,
    );
  }
  console.log(`Adding Rust's target ${TARGET}`);
  runQuietly('rustup', ['target', 'add', TARGET]);
}

function ensureWasmBindgen() {
  if (findWasmBindgen('wasm-bindgen') && findWasmBindgen('wasm-bindgen-test-runner')) return;
  const version = wasmBindgenVersion();
  console.log(`Compiling wasm-bindgen-cli ${version}, which takes some minutes`);
  runQuietly('cargo', ['install', 'wasm-bindgen-cli', '--version', version, '--root', TOOLS, '--force']);
}

/** Makes sure of cargo, the wasm target and wasm-bindgen's tools; what is missing goes to target/tools. */
export function ensureWasmToolchain() {
  if (!findProgram('cargo'))
    throw new Error('Rust is missing: there is no cargo in PATH, see https://rustup.rs');
  ensureTarget();
  ensureWasmBindgen();
}
