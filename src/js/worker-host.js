import { dispatchEvent } from './background-fetch-event.js';

/** What the engine asks of a service worker. `observe` makes the registration object of a uid. */
export function workerHost({ isPermitted }, observe) {
  return {
    scope: self.registration.scope,

    async workerState(scope) {
      return scope === self.registration.scope && self.registration.active ? 'active' : 'waiting';
    },

    async dispatch(type, uid) {
      const registration = await observe(uid);
      if (registration) await dispatchEvent(type, registration);
    },

    async isPermitted() {
      return isPermitted ? isPermitted() : true;
    },
  };
}
