import { forced } from '../force.js';

/** Chromium wants a policy for a worker's address, because the site's CSP asks for Trusted Types. */
function trusted(address) {
  if (!self.trustedTypes) return address;
  return self.trustedTypes
    .createPolicy('demo-worker', { createScriptURL: (url) => url })
    .createScriptURL(address);
}

/**
 * Registers the worker and waits until this very script is the active one; another page may have left the one with, or
 * without, `?force`.
 * @returns {Promise<ServiceWorkerRegistration>}
 */
export async function registerWorker() {
  const script = new URL(forced ? '/sw.js?force' : '/sw.js', location.href).href;
  const registration = await navigator.serviceWorker.register(trusted(script));
  while (registration.active?.scriptURL !== script) {
    const coming = registration.installing ?? registration.waiting;
    if (!coming) throw new Error('The service worker could not be installed.');
    await new Promise((resolve) => coming.addEventListener('statechange', resolve, { once: true }));
  }
  return registration;
}
