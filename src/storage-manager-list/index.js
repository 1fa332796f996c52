/** Entry point `background-fetch-polyfill/storage-manager/list`. It needs no other script of the package. */
import { create } from '../shelf/dom.js';
import { StorageManagerList } from './list-element.js';

export { TEXTS } from './texts.js';
export { StorageManagerList };

const NAME = 'storage-manager-list';

/** Registers `<storage-manager-list>`, unless that is done. */
export function defineStorageManagerList() {
  if (globalThis.customElements && !customElements.get(NAME)) customElements.define(NAME, StorageManagerList);
}

/**
 * Puts a list into the page.
 *
 * @param {import('../types/storage-manager-list.js').StorageManagerListOptions} [options]
 * @returns {StorageManagerList}
 */
export function mountStorageManagerList({ parent = document.body, manager, endpoint, texts } = {}) {
  defineStorageManagerList();
  const list = /** @type {any} */ (create(/** @type {any} */ (NAME), endpoint ? { endpoint } : {}));
  if (manager) list.manager = manager;
  if (texts) list.texts = texts;
  parent.append(list);
  return list;
}
