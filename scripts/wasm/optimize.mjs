/** Makes the module that wasm-bindgen gives as small as it gets, above all when it is compressed. */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { emptyPanics } from './empty-panics.mjs';
import { namedInOrder } from './order-functions.mjs';

const WASM_OPT = 'node_modules/binaryen/bin/wasm-opt';
/** Functions that stay apart are longer together, and 3 kB shorter with brotli. */
const OPTIONS = ['--no-inline=*', '-Oz', '--low-memory-unused', '--flatten', '--rereloop', '-Oz', '-Oz'];

function wasmOpt(input, output, ...options) {
  execFileSync(process.execPath, [WASM_OPT, ...options, input, '-o', output], { stdio: 'inherit' });
}

/** @param {string} input the module with the names of its functions */
export async function optimizeAndName(input, output) {
  await writeFile(output, emptyPanics(await readFile(input)));
  wasmOpt(output, output, ...OPTIONS, '-g');
}

export async function optimize(input, output) {
  await optimizeAndName(input, output);
  wasmOpt(output, output, '--strip-debug', '--strip-producers');
  await writeFile(output, namedInOrder(await readFile(output)));
  wasmOpt(output, output, '--reorder-functions-by-name', '--strip-debug', '--strip-target-features');
}
