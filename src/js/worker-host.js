import { dispatchEvent } from './background-fetch-event.js';
import { isPermitted } from './permissions.js';

/** What the engine asks of a service worker. `registrationOf` makes the registration object of {uid, state}. */
export function workerHost(options, registrationOf) {
  return {
    scope: self.registration.scope,
    adopts: false,

    async workerState(scope) {
      return scope === self.registration.scope && self.registration.active ? 'active' : 'waiting';
    },

    async dispatch(type, uid, state) {
      await dispatchEvent(type, registrationOf({ uid, state }));
    },

    isPermitted: () => isPermitted(options),
  };
}
