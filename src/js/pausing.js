import { internalsOf } from './background-fetch-registration.js';
import { workingCopy } from './working-copy.js';

/** The browser's own interface, which with `force` is no global any more. */
const NativeRegistration = globalThis.BackgroundFetchRegistration;

/** @param {any} value */
function isNative(value) {
  try {
    // Its getter throws for what is no registration.
    return typeof Reflect.get(NativeRegistration.prototype, 'id', value) === 'string';
  } catch {
    return false;
  }
}

/** @param {unknown} registration */
function pausable(registration) {
  if (isNative(registration))
    throw new DOMException('No script can pause a background fetch of the browser.', 'NotSupportedError');
  return internalsOf(registration);
}

/** What this copy of the package does with the registrations that are its own. */
export const pausing = {
  /** @param {unknown} registration */
  async pause(registration) {
    const { realm, uid } = pausable(registration);
    return realm.command(uid, 'pause');
  },
  /** @param {unknown} registration */
  async resume(registration) {
    const { realm, uid } = pausable(registration);
    return realm.command(uid, 'resume');
  },
  /** @param {unknown} registration */
  isPaused: (registration) => !isNative(registration) && internalsOf(registration).state.isPaused,
  /** @param {unknown} registration */
  isWaitingForNetwork: (registration) => !isNative(registration) && internalsOf(registration).state.isWaiting,
  /**
   * By which its rows are found in the database; undefined for a native one.
   *
   * @param {unknown} registration
   */
  uidOf: (registration) => (isNative(registration) ? undefined : internalsOf(registration).uid),
};

/**
 * Stops a background fetch until it is resumed, also over restarts. What has come is kept; an upload that is on its way
 * goes on. Resolves with whether this call paused it: false when it has ended or was paused before. Rejects with
 * NotSupportedError for a native registration, which no script can pause, and with TypeError for anything else.
 *
 * @param {unknown} registration
 */
export async function pause(registration) {
  return (workingCopy() ?? pausing).pause(registration);
}

/**
 * Lets a paused background fetch go on. Resolves with whether this call did. Rejects as `pause()` does.
 *
 * @param {unknown} registration
 */
export async function resume(registration) {
  return (workingCopy() ?? pausing).resume(registration);
}

/**
 * Whether a background fetch is paused, by whichever page; false for a native one. Throws TypeError where `pause()` does.
 *
 * @param {unknown} registration
 */
export function isPaused(registration) {
  return (workingCopy() ?? pausing).isPaused(registration);
}

/**
 * Whether a background fetch waits for the network: nothing of it can go on before the server can be reached again. False
 * for a native registration, which does not tell.
 *
 * @param {unknown} registration
 */
export function isWaitingForNetwork(registration) {
  return (workingCopy() ?? pausing).isWaitingForNetwork(registration);
}

/**
 * For scripts without imports.
 *
 * @param {typeof globalThis} global
 */
export function exposePausing(global) {
  const exposed = { pause, resume, isPaused, isWaitingForNetwork };
  global.backgroundFetchPolyfill = { ...global.backgroundFetchPolyfill, ...exposed };
}
