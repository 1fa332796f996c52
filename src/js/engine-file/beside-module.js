import { fetchEngine } from './fetch-engine.js';

/** Bundlers find the file by these words, and put it where the bundle finds it. */
function ownAddress() {
  return new URL('./background-fetch-polyfill.wasm', import.meta.url);
}

/** @type {typeof import('engine-file').readEngineFile} */
export function readEngineFile(sha256, { wasm }) {
  return fetchEngine(sha256, wasm ?? ownAddress());
}
