import { deliverMessage } from './messages.js';

async function registrationOf(scope) {
  const registrations = await navigator.serviceWorker.getRegistrations();
  return registrations.find((registration) => registration.scope === scope);
}

/** What the engine asks of a page. */
export function pageHost({ isPermitted }) {
  return {
    scope: undefined,

    async workerState(scope) {
      const registration = await registrationOf(scope);
      if (!registration) return 'unregistered';
      return registration.active ? 'active' : 'waiting';
    },

    async wakeWorker(scope, uid) {
      (await registrationOf(scope))?.active?.postMessage(deliverMessage(uid));
    },

    async isPermitted() {
      return isPermitted ? isPermitted() : true;
    },
  };
}
