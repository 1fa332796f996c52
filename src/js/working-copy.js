const KEY = Symbol.for('background-fetch-polyfill');

/**
 * The copy of the package that works in this global: the first that was loaded. Others, of a second bundle or a script
 * tag, ask it, so that there is one engine and everybody's registrations are the same. Undefined before there is one.
 */
export function workingCopy() {
  return globalThis[KEY];
}

/** Makes this copy the one that works, unless there is one. */
export function offerCopy(copy) {
  if (!workingCopy()) Object.defineProperty(globalThis, KEY, { value: copy });
}
