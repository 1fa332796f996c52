import start, { BackgroundFetchEngine } from '../../target/wasm/background_fetch_polyfill.js';
import base64 from '../../target/wasm/background_fetch_polyfill_bg.wasm';

/** Instantiates the wasm module, which lies in the script itself, and makes an engine. */
export async function startEngine(host, settings) {
  await start({ module_or_path: decode(base64) });
  return new BackgroundFetchEngine(host, settings);
}

function decode(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return bytes;
}
