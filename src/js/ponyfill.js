import { BackgroundFetchManager, managerOf } from './background-fetch-manager.js';
import { BackgroundFetchRecord } from './background-fetch-record.js';
import { BackgroundFetchRegistration } from './background-fetch-registration.js';
import { defineInterfaces, globalOptions, isWanted } from './install.js';
import { pageHost } from './page-host.js';
import { Realm, reportFailedStart } from './realm.js';

export { BackgroundFetchManager, BackgroundFetchRecord, BackgroundFetchRegistration };

let pageRealm;

/** The page's realm. From its start on, the page takes over what no other runs. */
function realmOfPage(options) {
  if (pageRealm) return pageRealm;
  const realm = new Realm(pageHost(options), options.settings);
  pageRealm = realm;
  realm
    .engine()
    .then((engine) => engine.adopt())
    .catch(reportFailedStart);
  addEventListener('pagehide', () =>
    realm.engine().then(
      (engine) => engine.suspend(),
      () => {},
    ),
  );
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted)
      realm
        .engine()
        .then((engine) => engine.resume())
        .catch(reportFailedStart);
  });
  return realm;
}

/**
 * Installs the API in a page that lacks it; with `force`, also in one that has it. Returns whether it did.
 * In service workers the script service-worker.js does this.
 */
export function install(options = globalOptions()) {
  if (!isWanted(options)) return false;
  defineInterfaces(realmOfPage(options));
  return true;
}

/** The manager of a service worker registration, without installing anything. */
export function backgroundFetchOf(registration, options = globalOptions()) {
  return managerOf(realmOfPage(options), registration);
}
