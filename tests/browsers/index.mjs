import { findBrowser } from '../../scripts/setup/browsers.mjs';
import { Chromium } from './chromium.mjs';
import { FirefoxPrivate } from './firefox-private.mjs';
import { Firefox } from './firefox.mjs';
import { WebKitPrivate } from './webkit-private.mjs';
import { WebKit } from './webkit.mjs';

const CLASSES = {
  chromium: Chromium,
  firefox: Firefox,
  webkit: WebKit,
  'webkit-private': WebKitPrivate,
  'firefox-private': FirefoxPrivate,
};

/**
 * Starts a browser of one of the engines that setup/browsers.mjs names. `profile` is a directory that is kept
 * and may be used again by a later launch; without it there is a fresh profile, which goes with the browser. `quota` (bytes,
 * 'firefox', 'firefox-private' and 'webkit') is about what an origin may store.
 *
 * @param {string} engine
 * @param {{ profile?: string, quota?: number }} [options]
 */
export async function launch(engine, { profile, quota } = {}) {
  const { available, reason, paths } = findBrowser(engine);
  if (!available) throw new Error(`${engine}: ${reason}`);
  return new CLASSES[engine](engine, paths, quota).start(profile);
}
