/** What Web IDL asks of interfaces, as far as JavaScript's classes do otherwise. */

/** Makes the members of a class enumerable, as those of interfaces are. */
export function makeEnumerable(...classes) {
  for (const { prototype } of classes) {
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (name !== 'constructor') Object.defineProperty(prototype, name, { ...descriptor, enumerable: true });
    }
  }
}

/** Gives a class its name in `Object.prototype.toString`. */
export function nameInstances(...classes) {
  for (const { prototype, name } of classes) {
    Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });
  }
}

/** Makes interface objects globals: writable, configurable, not enumerable. */
export function expose(global, ...classes) {
  for (const value of classes) {
    Object.defineProperty(global, value.name, { value, writable: true, configurable: true });
  }
}

export function requireArguments(given, needed, where) {
  if (given < needed) {
    throw new TypeError(
      `${where} needs ${needed} argument${needed === 1 ? '' : 's'}, but only ${given} given.`,
    );
  }
}

/** Passed to constructors that pages cannot call. */
export const internal = Symbol('internal');

export function requireInternal(token) {
  if (token !== internal) throw new TypeError('Illegal constructor');
}

/** Converts to a dictionary's object: null and undefined are an empty one. */
export function toDictionary(value, name) {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' && typeof value !== 'function') {
    throw new TypeError(`${name} is not an object.`);
  }
  return value;
}
