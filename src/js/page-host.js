import { deliverMessage, standInMessage } from './messages.js';
import { isPermitted } from './permissions.js';
import { isWindow } from './support.js';

/** What the engine asks of a page. */
export function pageHost(options) {
  /** Those of the origin, as far as they are known: a page that goes away cannot ask. */
  let registrations = [];

  async function knowRegistrations() {
    registrations = await navigator.serviceWorker.getRegistrations();
    return registrations;
  }

  async function registrationOf(scope) {
    return (await knowRegistrations()).find((registration) => registration.scope === scope);
  }

  return {
    scope: undefined,
    adopts: isWindow(),

    async workerState(scope) {
      const registration = await registrationOf(scope);
      if (!registration) return 'unregistered';
      return registration.active ? 'active' : 'waiting';
    },

    async wakeWorker(scope, uid) {
      (await registrationOf(scope))?.active?.postMessage(deliverMessage(uid));
    },

    /** This page runs nothing any more: if no other does, let the workers. */
    handOver() {
      for (const { active } of registrations) active?.postMessage(standInMessage());
    },

    knowRegistrations,

    isPermitted: () => isPermitted(options),
  };
}
