/** Entry point `background-fetch-polyfill/shelf`. It needs no other script of the package, and is no part of any. */
import { create } from './dom.js';
import { BackgroundFetchShelf } from './shelf-element.js';

export { TEXTS } from './texts.js';
export { BackgroundFetchShelf };

const NAME = 'background-fetch-shelf';

/** Registers `<background-fetch-shelf>`, unless that is done. */
export function defineShelf() {
  if (globalThis.customElements && !customElements.get(NAME))
    customElements.define(NAME, BackgroundFetchShelf);
}

/**
 * Puts a shelf into the page.
 *
 * @param {{ parent?: Element, texts?: object, keepScreenAwake?: boolean, blocked?: 'navigate' }} [options]
 * @returns {BackgroundFetchShelf}
 */
export function mountShelf({ parent = document.body, texts, keepScreenAwake = false, blocked } = {}) {
  defineShelf();
  const shelf = /** @type {any} */ (create(/** @type {any} */ (NAME), blocked ? { blocked } : {}));
  if (texts) shelf.texts = texts;
  shelf.toggleAttribute('keep-screen-awake', keepScreenAwake);
  parent.append(shelf);
  return shelf;
}
