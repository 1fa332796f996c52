import { fetchEngine } from './fetch-engine.js';

const script = scriptAddress();

/** Scripts that a worker imports have no other way to find out where they are. */
function scriptAddress() {
  const own = /** @type {HTMLScriptElement | null} */ (globalThis.document?.currentScript);
  if (own?.src) return own.src;
  const [, inStack] = /((?:https?|file):\S+?):\d+(?::\d+)?\)?$/m.exec(new Error().stack ?? '') ?? [];
  return inStack ?? globalThis.location?.href;
}

/** Undefined where relative addresses mean nothing, as in a worker that is made of a Blob. */
function besideScript() {
  try {
    return new URL('background-fetch-polyfill.wasm', script);
  } catch {
    return undefined;
  }
}

/** @type {typeof import('engine-file').readEngineFile} */
export function readEngineFile(sha256, { wasm }) {
  return fetchEngine(sha256, wasm ?? besideScript());
}
