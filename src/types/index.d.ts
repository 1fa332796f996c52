/** The page's script: installs the API where it is missing. Silent where it is native or where there is no browser. */

/// <reference path="./background-fetch.d.ts" />

export type {
  BackgroundFetchPolyfillOptions,
  BackgroundFetchPolyfillRetryPolicy,
  BackgroundFetchPolyfillSettings,
} from './options.js';
