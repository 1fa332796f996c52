/** What Web IDL asks of interfaces, as far as JavaScript's classes do otherwise. */

/** Gives classes the shape of interfaces: their members are enumerable, and their instances have their name. */
export function shapeInterfaces(...classes) {
  for (const { prototype, name } of classes) {
    for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (key === 'constructor') continue;
      if (descriptor.value) shapeOperation(descriptor.value);
      Object.defineProperty(prototype, key, { ...descriptor, enumerable: true });
    }
    Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });
  }
}

/** Async functions have a prototype of their own; those of interfaces are like any other. */
export function shapeOperation(operation) {
  return Object.setPrototypeOf(operation, Function.prototype);
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

export function isObject(value) {
  return Object(value) === value;
}

/** Converts to a dictionary's object: null and undefined are an empty one. */
export function toDictionary(value, name) {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw new TypeError(`${name} is not an object.`);
  return value;
}
