import { dispatchEvent } from './background-fetch-event.js';

/** What the engine asks of a service worker. `registrationOf` makes the registration object of {uid, state}. */
export function workerHost({ isPermitted }, registrationOf) {
  return {
    scope: self.registration.scope,

    async workerState(scope) {
      return scope === self.registration.scope && self.registration.active ? 'active' : 'waiting';
    },

    async dispatch(type, uid, state) {
      await dispatchEvent(type, registrationOf({ uid, state }));
    },

    async isPermitted() {
      return isPermitted ? isPermitted() : true;
    },
  };
}
