import { knownWorker } from './known-workers.js';
import { isPermitted } from './permissions.js';
import { isWindow } from './support.js';

/**
 * What the engine asks of a page.
 *
 * @param {Polyfill.Options} options
 * @returns {Polyfill.PageHost}
 */
export function pageHost(options) {
  /**
   * Those of the origin, as far as they are known: a page that goes away cannot ask.
   *
   * @type {readonly ServiceWorkerRegistration[]}
   */
  let registrations = [];
  /**
   * Of what this page has run.
   *
   * @type {Set<string>}
   */
  const scopes = new Set();

  async function knowRegistrations() {
    registrations = await navigator.serviceWorker.getRegistrations();
    return registrations;
  }

  /** @param {string} scope */
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

    /** The worker has to be there when the fetch ends: a page says early where it is not. */
    async runs(scope) {
      scopes.add(scope);
      knownWorker(await registrationOf(scope))?.askOnce();
    },

    async wakeWorker(scope, uid) {
      knownWorker(await registrationOf(scope))?.deliver(uid);
    },

    /** This page runs nothing any more: if no other does, let the workers. */
    handOver() {
      for (const registration of registrations) {
        if (scopes.has(registration.scope)) knownWorker(registration)?.standIn();
      }
    },

    isPermitted: () => isPermitted(options),
  };
}
