import { readFileSync } from 'node:fs';

/**
 * Flags and preferences of Chromium and Firefox: those of webdriver.json, which wasm-bindgen's test runner reads
 * too. They keep the browsers from calling home, and let Chromium do more than one native background fetch per page. The
 * popup of Chromium's address bar, a page of its own, would take a third of the processor's time.
 */
export function sharedOptions(name) {
  const file = new URL('../../webdriver.json', import.meta.url);
  return structuredClone(JSON.parse(readFileSync(file, 'utf8'))[name]);
}
