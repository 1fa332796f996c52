import { deliverMessage } from './messages.js';
import { isPermitted } from './permissions.js';
import { isWindow } from './support.js';

async function registrationOf(scope) {
  const registrations = await navigator.serviceWorker.getRegistrations();
  return registrations.find((registration) => registration.scope === scope);
}

/** What the engine asks of a page. */
export function pageHost(options) {
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

    isPermitted: () => isPermitted(options),
  };
}
