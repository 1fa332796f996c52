const KEY = Symbol.for('background-fetch-polyfill');

/**
 * The copy of the package that works in this global: the first that was loaded. Others, of a second bundle or a script
 * tag, ask it, so that there is one engine and everybody's registrations are the same. Undefined before there is one.
 *
 * @returns {Polyfill.Copy | undefined}
 */
export function workingCopy() {
  return Reflect.get(globalThis, KEY);
}

/**
 * Makes this copy the one that works, unless there is one.
 *
 * @param {Polyfill.Copy} copy
 */
export function offerCopy(copy) {
  if (!workingCopy()) Object.defineProperty(globalThis, KEY, { value: copy });
}
