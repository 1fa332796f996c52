/** The API without installing anything, and `install()` for doing it at a time of your own. For pages. */

/// <reference path="./background-fetch.d.ts" />

import type { BackgroundFetchPolyfillOptions } from './options.js';

export { isPaused, isWaitingForNetwork, pause, resume } from './pausing.js';
export type {
  BackgroundFetchPolyfillNotifications,
  BackgroundFetchPolyfillOptions,
  BackgroundFetchPolyfillRetryPolicy,
  BackgroundFetchPolyfillSettings,
} from './options.js';

/**
 * Installs the API in a page that lacks it; with `force`, also in one that has it. Gives whether the API is the polyfill's
 * now; what is missing is said on the console.
 *
 * `options` are `self.backgroundFetchPolyfill` unless given. Of the calls to any copy of this module, the first that needs the
 * polyfill decides on `isPermitted` and `settings`.
 */
export function install(options?: BackgroundFetchPolyfillOptions): boolean;

/**
 * The manager of a service worker registration, the same one each time. Also where the API is native. The service worker
 * needs the polyfill's script all the same, and there `force`. Throws TypeError when it is given anything else.
 *
 * `options` are `self.backgroundFetchPolyfill` unless given; `force` has no meaning here.
 */
export function backgroundFetchOf(
  registration: ServiceWorkerRegistration,
  options?: BackgroundFetchPolyfillOptions,
): BackgroundFetchManager;

// The polyfill's own classes, which are those of the page only where it is installed.
declare const Manager: typeof BackgroundFetchManager;
declare const Registration: typeof BackgroundFetchRegistration;
declare const Record: typeof BackgroundFetchRecord;
type Manager = BackgroundFetchManager;
type Registration = BackgroundFetchRegistration;
type Record = BackgroundFetchRecord;

export {
  Manager as BackgroundFetchManager,
  Record as BackgroundFetchRecord,
  Registration as BackgroundFetchRegistration,
};
