import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, outputOf, ROOT, runQuietly, TOOLS } from './run.mjs';

const TARGET = 'wasm32-unknown-unknown';

export const WASM_BINDGEN = join(TOOLS, 'bin', 'wasm-bindgen');
export const WASM_BINDGEN_TEST_RUNNER = join(TOOLS, 'bin', 'wasm-bindgen-test-runner');

/** The crate and its command line tool must have the very same version, which Cargo.toml pins. */
export function wasmBindgenVersion() {
  const match = /^wasm-bindgen = "=([\d.]+)"/m.exec(readFileSync(join(ROOT, 'Cargo.toml'), 'utf8'));
  if (!match) throw new Error('Cargo.toml has no line wasm-bindgen = "=VERSION"');
  return match[1];
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
  const version = wasmBindgenVersion();
  const installed = [WASM_BINDGEN, WASM_BINDGEN_TEST_RUNNER].map((tool) =>
    outputOf(tool, ['--version'])?.trim(),
  );
  if (installed.every((line) => line?.endsWith(` ${version}`))) return;
  console.log(`Compiling wasm-bindgen-cli ${version}, which takes some minutes`);
  runQuietly('cargo', ['install', 'wasm-bindgen-cli', '--version', version, '--root', TOOLS, '--force']);
}

/** Makes sure of cargo, the wasm target and wasm-bindgen's tools, which go to target/tools. */
export function ensureWasmToolchain() {
  if (!findProgram('cargo'))
    throw new Error('Rust is missing: there is no cargo in PATH, see https://rustup.rs');
  ensureTarget();
  ensureWasmBindgen();
}
