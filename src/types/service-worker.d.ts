/**
 * The service worker's script. It needs lib.webworker (`"lib": ["es2022", "webworker"]` in the worker's tsconfig.json), as
 * lib.dom does not know the events of service workers.
 */

/// <reference path="./background-fetch-events.d.ts" />

export { isPaused, isWaitingForNetwork, pause, resume } from './pausing.js';
export type {
  BackgroundFetchPolyfillNotifications,
  BackgroundFetchPolyfillOptions,
  BackgroundFetchPolyfillRetryPolicy,
  BackgroundFetchPolyfillSettings,
} from './options.js';
