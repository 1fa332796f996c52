import { internalsOf, isRegistration } from './background-fetch-registration.js';

/**
 * Stops a background fetch until it is resumed, also over restarts. What has come is kept; an upload that is on its way
 * goes on. Resolves with whether this call paused it: false when it has ended or was paused before. Rejects with TypeError
 * for what is not a registration of the polyfill's.
 */
export async function pause(registration) {
  const { realm, uid } = internalsOf(registration);
  return realm.pause(uid);
}

/** Lets a paused background fetch go on. Resolves with whether this call did. Rejects as `pause()` does. */
export async function resume(registration) {
  const { realm, uid } = internalsOf(registration);
  return realm.resumeFetch(uid);
}

/** Whether a background fetch is paused, by whichever page. Throws TypeError where `pause()` rejects with it. */
export function isPaused(registration) {
  return internalsOf(registration).state.isPaused;
}

/**
 * Whether a background fetch waits for the network: nothing of it can go on before the server can be reached again. False
 * for a native registration, which does not tell.
 */
export function isWaitingForNetwork(registration) {
  return isRegistration(registration) && internalsOf(registration).state.isWaiting;
}

/** For scripts without imports. */
export function exposePausing(global) {
  const exposed = { pause, resume, isPaused, isWaitingForNetwork };
  global.backgroundFetchPolyfill = { ...global.backgroundFetchPolyfill, ...exposed };
}
