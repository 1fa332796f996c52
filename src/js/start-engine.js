import start, {
  __wbg_reset_state as startAnew,
  BackgroundFetchEngine,
  hasBrokenOff,
} from '../../target/wasm/background_fetch_polyfill.js';
import base64 from '../../target/wasm/background_fetch_polyfill_bg.wasm';

export { hasBrokenOff };

let isFirst = true;

/**
 * Makes an engine in an instance of the wasm module, which lies in the script itself. A second one gets an instance of its
 * own, and nothing of the one before runs any more.
 */
export async function startEngine(host, settings) {
  if (isFirst) await start({ module_or_path: decode(base64) });
  else startAnew();
  isFirst = false;
  return new BackgroundFetchEngine(host, settings);
}

function decode(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return bytes;
}
