import { fetchEngine } from './fetch-engine.js';

const script = scriptAddress();

/** Scripts that a worker imports have no other way to find out where they are. */
function scriptAddress() {
  const own = globalThis.document?.currentScript?.src;
  if (own) return own;
  const [, inStack] = /((?:https?|file|blob):[^\s)]+?):\d+(?::\d+)?\)?$/m.exec(new Error().stack ?? '') ?? [];
  return inStack ?? globalThis.location?.href;
}

export function readEngineFile(sha256, { wasm }) {
  return fetchEngine(sha256, wasm ?? new URL('background-fetch-polyfill.wasm', script));
}
