import { dispatchEvent } from './background-fetch-event.js';
import { standInMessage } from './messages.js';
import { isPermitted } from './permissions.js';

const LOOK_AGAIN_MS = 50;

/**
 * Functional events wait for the activation (https://w3c.github.io/ServiceWorker/#fire-functional-event-algorithm), in which
 * apps move what they have stored. Messages do not.
 */
async function untilActivated() {
  const { active } = self.registration;
  while (active?.state === 'activating') {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

/**
 * What the engine asks of a service worker. `registrationOf` makes the registration object of {uid, state}.
 *
 * @param {Polyfill.Options} options
 * @param {(observed: Polyfill.Observed) => import('./background-fetch-registration.js').BackgroundFetchRegistration | undefined} registrationOf
 * @returns {Polyfill.Host}
 */
export function workerHost(options, registrationOf) {
  return {
    scope: self.registration.scope,
    adopts: false,

    async workerState(scope) {
      return scope === self.registration.scope && self.registration.active ? 'active' : 'waiting';
    },

    async dispatch(type, uid, state) {
      await untilActivated();
      await dispatchEvent(type, registrationOf({ uid, state }));
    },

    /** Nothing has to be asked of this worker. */
    async runs() {},

    /** A message of its own gives the worker time for what it has begun. */
    fetchBegun() {
      self.registration.active?.postMessage(standInMessage());
    },

    isPermitted: () => isPermitted(options),
  };
}
