import start, {
  __wbg_reset_state as replaceInstance,
  BackgroundFetchEngine,
  hasBrokenOff,
} from 'engine-glue';
import { engineModule } from './engine-code.js';

export { hasBrokenOff };

let isFresh = true;

/**
 * Instantiates the wasm module, and makes an engine.
 *
 * @param {Polyfill.Host} host
 * @param {Polyfill.Options} options
 */
export async function startEngine(host, options) {
  await start({ module_or_path: await engineModule(options) });
  if (!isFresh) endInstance();
  return new BackgroundFetchEngine(host, options.settings);
}

/** Nothing of the engine runs any more: the next one gets an instance of its own. */
export function endInstance() {
  isFresh = false;
  replaceInstance();
  isFresh = true;
}
