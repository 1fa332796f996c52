import start, {
  __wbg_reset_state as replaceInstance,
  BackgroundFetchEngine,
  hasBrokenOff,
} from '../../target/wasm/background_fetch_polyfill.js';
import base64 from '../../target/wasm/background_fetch_polyfill_bg.wasm';

export { hasBrokenOff };

let isFresh = true;

/** Instantiates the wasm module, which lies in the script itself, and makes an engine. */
export async function startEngine(host, settings) {
  await start({ module_or_path: decode(base64) });
  if (!isFresh) endInstance();
  return new BackgroundFetchEngine(host, settings);
}

/** Nothing of the engine runs any more: the next one gets an instance of its own. */
export function endInstance() {
  isFresh = false;
  replaceInstance();
  isFresh = true;
}

function decode(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return bytes;
}
