/** Registers `<background-fetch-shelf>`. */
export type { BackgroundFetchShelf } from './shelf.js';
