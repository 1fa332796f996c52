import { readEngineFile } from 'engine-file';
import { isEngineMissing, storedEngine, storeEngine } from './stored-data.js';

/** The SHA-256 of the module's bytes in base64, set when it is built (webpack.config.js). */
const SHA256 = ENGINE_SHA256;

/** @type {Promise<WebAssembly.Module> | undefined} */
let module;
/**
 * What was loaded and may not be stored.
 *
 * @type {Promise<ArrayBuffer> | undefined}
 */
let bytesRead;
/** What is stored under the engine's name is something else. */
let isDamaged = false;
/** @type {Promise<void> | undefined} */
let keeping;

/**
 * The compiled engine. A failure is not remembered: the next call tries again.
 *
 * @param {Polyfill.Options} options
 */
export async function engineModule(options) {
  module ??= load(options);
  try {
    return await module;
  } catch (error) {
    module = undefined;
    throw error;
  }
}

/**
 * What is in the database comes first: it is there also without a network, and where the worker's policy forbids the
 * request. Any script of the origin may have written it, so that it is code only if it has the right hash.
 *
 * @param {Polyfill.Options} options
 */
async function load(options) {
  const stored = await storedEngine(SHA256);
  if (stored !== undefined) {
    isDamaged = (await hashOf(stored)) !== SHA256;
    if (!isDamaged) return WebAssembly.compile(stored);
  }
  const response = await readEngineFile(SHA256, options);
  bytesRead = response.clone().arrayBuffer();
  // Who needs it finds the error.
  bytesRead.catch(() => {});
  return compile(response);
}

/** @param {Response} response */
async function compile(response) {
  // With a parameter it is refused.
  const isNamed = response.headers.get('content-type')?.trim().toLowerCase() === 'application/wasm';
  if (isNamed) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

/**
 * Stores the engine beside the fetches, unless it is there or there is no database: a worker, and a page that is loaded
 * without a network, have it then.
 *
 * @param {Polyfill.Options} options
 */
export async function keepEngine(options) {
  keeping ??= keep(options).finally(() => {
    keeping = undefined;
  });
  return keeping;
}

/** @param {Polyfill.Options} options */
async function keep(options) {
  const isMissing = await isEngineMissing(SHA256);
  // Without a database the bytes are kept for when there is one.
  if (isMissing === undefined) return;
  const read = bytesRead;
  bytesRead = undefined;
  if (!isMissing && !isDamaged) return;
  const bytes = await (read ?? readEngineFile(SHA256, options).then((response) => response.arrayBuffer()));
  await storeEngine(SHA256, bytes);
  isDamaged = false;
}

/**
 * `undefined` for what has no bytes.
 *
 * @param {any} bytes
 */
async function hashOf(bytes) {
  try {
    const digest = await crypto.subtle.digest('SHA-256', bytes);
    return btoa(String.fromCharCode(...new Uint8Array(digest)));
  } catch {
    return undefined;
  }
}
