/** The page's script: installs the API where it is missing. Silent where it is native or where there is no browser. */

/// <reference path="./background-fetch.d.ts" />

export { isPaused, isWaitingForNetwork, pause, resume } from './pausing.js';
export type {
  BackgroundFetchPolyfillNotifications,
  BackgroundFetchPolyfillOptions,
  BackgroundFetchPolyfillRetryPolicy,
  BackgroundFetchPolyfillSettings,
} from './options.js';
