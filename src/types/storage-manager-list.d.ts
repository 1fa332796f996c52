/** `<storage-manager-list>`: shows the sets of the storage manager, to be stored, updated and removed. */

import type { StorageManager } from './storage-manager.js';
import type { StorageManagerListTexts } from './storage-manager-list-texts.js';

export type { StorageManagerListTexts };

/** `texts`, `failures` and `problems` may have any of theirs; the others stay as they are in English. */
export type SomeStorageManagerListTexts = Partial<
  Omit<StorageManagerListTexts, 'failures' | 'problems'> & {
    failures: Partial<StorageManagerListTexts['failures']>;
    problems: Partial<StorageManagerListTexts['problems']>;
  }
>;

export class StorageManagerList extends HTMLElement {
  /** What it shows the sets of. Without one it makes its own, for the endpoint of the attribute `endpoint`. */
  get manager(): StorageManager | undefined;
  set manager(manager: StorageManager | undefined);
  /** What the list says. What is not given stays as it is in English. */
  get texts(): StorageManagerListTexts;
  set texts(texts: SomeStorageManagerListTexts);
}

export interface StorageManagerListOptions {
  /**
   * The element that the list is appended to.
   * @defaultValue document.body
   */
  parent?: Element;
  manager?: StorageManager;
  /**
   * As in the worker's options (the attribute `endpoint`).
   * @defaultValue '/storage-manager'
   */
  endpoint?: string;
  texts?: SomeStorageManagerListTexts;
}

/** Registers the element, if need be, and puts one into the page. */
export function mountStorageManagerList(options?: StorageManagerListOptions): StorageManagerList;

/** Registers the element, as the entry point `storage-manager/list/define` does. */
export function defineStorageManagerList(): void;

/** The English texts. */
export const TEXTS: StorageManagerListTexts;

declare global {
  interface HTMLElementTagNameMap {
    'storage-manager-list': StorageManagerList;
  }
}
