import { dispatchEvent } from './background-fetch-event.js';
import { standInMessage } from './messages.js';
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

    /** A message of its own gives the worker time for what it has begun. */
    fetchBegun() {
      self.registration.active?.postMessage(standInMessage());
    },

    isPermitted: () => isPermitted(options),
  };
}
