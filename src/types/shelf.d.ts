/** `<background-fetch-shelf>`: shows the background fetches of the origin. Works with the polyfill and with a native API. */

import type { ShelfTexts } from './shelf-texts.js';

export type { ShelfTexts };

export class BackgroundFetchShelf extends HTMLElement {
  /** What the shelf says. What is not given stays as it is in English. */
  get texts(): ShelfTexts;
  set texts(texts: Partial<ShelfTexts>);
}

export interface ShelfOptions {
  /**
   * The element that the shelf is appended to.
   * @defaultValue document.body
   */
  parent?: Element;
  texts?: Partial<ShelfTexts>;
  /**
   * Keeps the screen on while a visible page shows a fetch that runs (the attribute `keep-screen-awake`).
   * @defaultValue false
   */
  keepScreenAwake?: boolean;
  /**
   * `navigate`: where the browser blocks a window that a handler of `backgroundfetchclick` opens, the page goes there itself (the
   * attribute `blocked`). Without it `clients.openWindow()` rejects with InvalidAccessError.
   */
  blocked?: 'navigate';
}

/** Registers the element, if need be, and puts one into the page. */
export function mountShelf(options?: ShelfOptions): BackgroundFetchShelf;

/** Registers the element, as the entry point `shelf/define` does. */
export function defineShelf(): void;

/** The English texts. */
export const TEXTS: ShelfTexts;

declare global {
  interface HTMLElementTagNameMap {
    'background-fetch-shelf': BackgroundFetchShelf;
  }
}
