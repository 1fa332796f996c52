import { managerOf } from './background-fetch-manager.js';
import { defineInterfaces, globalOptions, interfaces, isWanted } from './install.js';
import { PageHost } from './page-host.js';
import { followPageLifecycle } from './page-lifecycle.js';
import { pausing } from './pausing.js';
import { answerPermissionQueries } from './permissions.js';
import { Realm } from './realm.js';
import { isBrowser, isServiceWorker, isWindow } from './support.js';
import { offerCopy, workingCopy } from './working-copy.js';

export { isPaused, isWaitingForNetwork, pause, resume } from './pausing.js';

/** @type {Realm | undefined} */
let realmHere;

/**
 * The realm of this page or worker. From its start on, a page takes over what no other runs.
 *
 * @param {Polyfill.Options} options
 */
function realmOf(options) {
  if (realmHere) return realmHere;
  const host = new PageHost(options);
  realmHere = new Realm(host, options);
  if (isWindow()) followPageLifecycle(realmHere, host);
  return realmHere;
}

let isInstalled = false;

/** @type {Polyfill.Copy} */
const thisCopy = {
  ...pausing,
  interfaces,
  install(options) {
    if (isInstalled || !isWanted(options)) return isInstalled;
    if (isServiceWorker()) {
      console.error(
        "background-fetch-polyfill: service workers need a script of their own, 'background-fetch-polyfill/service-worker'.",
      );
      return false;
    }
    defineInterfaces(realmOf(options));
    answerPermissionQueries(options);
    isInstalled = true;
    return true;
  },
  backgroundFetchOf: (registration, options) => managerOf(registration, () => realmOf(options)),
};

// In service workers the script service-worker.js works.
if (isBrowser() && !isServiceWorker()) offerCopy(thisCopy);

export const { BackgroundFetchManager, BackgroundFetchRecord, BackgroundFetchRegistration } = (
  workingCopy() ?? thisCopy
).interfaces;

/**
 * Installs the API in a page or worker that lacks it; with `force`, also in one that has it. Returns whether the API is the
 * polyfill's now.
 */
export function install(options = globalOptions()) {
  return (workingCopy() ?? thisCopy).install(options);
}

/**
 * The manager of a service worker registration, without installing anything.
 *
 * @param {unknown} registration
 */
export function backgroundFetchOf(registration, options = globalOptions()) {
  return (workingCopy() ?? thisCopy).backgroundFetchOf(registration, options);
}
