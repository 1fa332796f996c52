import { decode } from './escaped-ascii.js';
import { code, order } from '../../../target/wasm/escaped.js';

/** The engine lies in the script itself. */
export async function readEngineFile() {
  return new Response(decode(code, order), { headers: { 'Content-Type': 'application/wasm' } });
}
