import { PRIVATE_FRAGMENT } from '../private-fragment.js';

/** For a network that fails for a moment. */
const LAST_TRY_AFTER_MS = 1000;

/**
 * The engine's file from an address. The hash of its bytes keeps out what a server answers instead, and a file of another
 * version that a cache has under the same name.
 *
 * @param {string} sha256
 * @param {string | URL | undefined} address
 */
export async function fetchEngine(sha256, address) {
  const integrity = `sha256-${sha256}`;
  // Past the caches of the browser, and of the app's worker.
  const fetchAnew = () => fetch(`${address}${PRIVATE_FRAGMENT}`, { integrity, cache: 'reload' });
  try {
    if (address === undefined) throw new TypeError('The script does not know where it is.');
    return await fetch(address, { integrity })
      .catch(fetchAnew)
      .catch(() => new Promise((resolve) => setTimeout(resolve, LAST_TRY_AFTER_MS)).then(fetchAnew));
  } catch (error) {
    throw new TypeError(
      `background-fetch-polyfill: the engine could not be loaded from ${address}. The file background-fetch-polyfill.wasm ` +
        'of the same version has to be there, or where the option `wasm` says.',
      { cause: error },
    );
  }
}
