import { BackgroundFetchManager, managerOf } from './background-fetch-manager.js';
import { BackgroundFetchRecord } from './background-fetch-record.js';
import { BackgroundFetchRegistration } from './background-fetch-registration.js';
import { defineInterfaces, globalOptions, isWanted } from './install.js';
import { pageHost } from './page-host.js';
import { follow } from './page-lifecycle.js';
import { answerPermissionQueries } from './permissions.js';
import { Realm } from './realm.js';
import { isWindow } from './support.js';

export { isPaused, isWaitingForNetwork, pause, resume } from './pausing.js';
export { BackgroundFetchManager, BackgroundFetchRecord, BackgroundFetchRegistration };

let realmHere;

/** The realm of this page or worker. From its start on, a page takes over what no other runs. */
function realmOf(options) {
  if (realmHere) return realmHere;
  const host = pageHost(options);
  realmHere = new Realm(host, options.settings);
  if (isWindow()) follow(realmHere, host);
  return realmHere;
}

/**
 * Installs the API in a page or worker that lacks it; with `force`, also in one that has it. Returns whether it did.
 * In service workers the script service-worker.js does this.
 */
export function install(options = globalOptions()) {
  if (!isWanted(options)) return false;
  defineInterfaces(realmOf(options));
  answerPermissionQueries(options);
  return true;
}

/** The manager of a service worker registration, without installing anything. */
export function backgroundFetchOf(registration, options = globalOptions()) {
  return managerOf(realmOf(options), registration);
}
