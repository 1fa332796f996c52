import { BackgroundFetchManager, managerOf } from './background-fetch-manager.js';
import { BackgroundFetchRecord } from './background-fetch-record.js';
import { BackgroundFetchRegistration } from './background-fetch-registration.js';
import { reportFailure } from './realm.js';
import { isBrowser, isNative, missingFeature } from './support.js';
import { accessorOf, expose, shapeOperation } from './web-idl.js';

/**
 * The options that a page or worker can set before the script is loaded, as `self.backgroundFetchPolyfill`:
 *
 * - `force`: replace a native API, too
 * - `wasm`: address of the engine's file, where it does not lie beside the script
 * - `isPermitted`: function that says, also as a promise, whether the permission "background-fetch" is granted
 * - `settings`: see Settings in src/model/settings.rs
 */
export function globalOptions() {
  return globalThis.backgroundFetchPolyfill ?? {};
}

/**
 * Whether the polyfill is to be installed. Silent where the API is native or where there is no browser; otherwise says
 * on the console what is missing.
 *
 * @param {Polyfill.Options} options
 */
export function isWanted({ force }) {
  if (!isBrowser() || (isNative() && !force)) return false;
  const missing = missingFeature();
  if (missing) console.error(`background-fetch-polyfill: the API stays undefined, since ${missing}`);
  return !missing;
}

export const interfaces = { BackgroundFetchManager, BackgroundFetchRegistration, BackgroundFetchRecord };

/**
 * Defines the interfaces and `ServiceWorkerRegistration.prototype.backgroundFetch`.
 *
 * @param {import('./realm.js').Realm} realm
 */
export function defineInterfaces(realm) {
  expose(self, interfaces);
  // Some workers have none.
  if (!('ServiceWorkerRegistration' in self)) return;
  const partialInterface = {
    get backgroundFetch() {
      return managerOf(this, () => realm);
    },
  };
  const { get } = accessorOf(partialInterface, 'backgroundFetch');
  Object.defineProperty(ServiceWorkerRegistration.prototype, 'backgroundFetch', {
    get,
    set: undefined,
    configurable: true,
    enumerable: true,
  });
  forgetWhatIsUnregistered(realm);
}

/**
 * No event tells of it: the fetches of a registration end with it, without events.
 *
 * @param {import('./realm.js').Realm} realm
 */
function forgetWhatIsUnregistered(realm) {
  const { prototype } = ServiceWorkerRegistration;
  const native = prototype.unregister;
  const { unregister } = {
    /** @this {ServiceWorkerRegistration} */
    async unregister() {
      const isUnregistered = await native.call(this);
      if (isUnregistered) await realm.purgeScope(this.scope).catch(reportFailure);
      return isUnregistered;
    },
  };
  Object.defineProperty(prototype, 'unregister', { value: shapeOperation(unregister) });
}
