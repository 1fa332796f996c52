/** What Web IDL asks of interfaces, as far as JavaScript's classes do otherwise. */

/**
 * Gives classes, by the names of their interfaces, the shape of these: members are enumerable, and constructors and
 * instances show the name. Minifiers leave the keys of an object alone, and rename classes.
 *
 * @param {Record<string, Function>} interfaces
 */
export function shapeInterfaces(interfaces) {
  for (const [name, constructor] of Object.entries(interfaces)) {
    const { prototype } = constructor;
    Object.defineProperty(constructor, 'name', { value: name, configurable: true });
    for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (key === 'constructor') continue;
      if (descriptor.value) shapeOperation(descriptor.value);
      Object.defineProperty(prototype, key, { ...descriptor, enumerable: true });
    }
    Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });
  }
}

/**
 * Async functions have a prototype of their own; those of interfaces are like any other.
 *
 * @param {Function} operation
 */
export function shapeOperation(operation) {
  return Object.setPrototypeOf(operation, Function.prototype);
}

/**
 * The functions of an object's attribute.
 *
 * @param {object} object
 * @param {string} name
 */
export function accessorOf(object, name) {
  return /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(object, name));
}

/**
 * Makes interface objects globals: writable, configurable, not enumerable.
 *
 * @param {object} global
 * @param {Record<string, Function>} interfaces
 */
export function expose(global, interfaces) {
  for (const [name, value] of Object.entries(interfaces)) {
    // A `var` of the same name, in a module that is loaded as a classic script, can only be assigned to.
    const isVar = Object.getOwnPropertyDescriptor(global, name)?.configurable === false;
    if (isVar) Reflect.set(global, name, value);
    else Object.defineProperty(global, name, { value, writable: true, configurable: true });
  }
}

/**
 * @param {number} given
 * @param {number} needed
 * @param {string} where
 */
export function requireArguments(given, needed, where) {
  if (given < needed) {
    throw new TypeError(
      `${where} needs ${needed} argument${needed === 1 ? '' : 's'}, but only ${given} given.`,
    );
  }
}

/** Passed to constructors that pages cannot call. */
export const internal = Symbol('internal');

/** @param {unknown} token */
export function requireInternal(token) {
  if (token !== internal) throw new TypeError('Illegal constructor');
}

/** @param {unknown} value */
export function isObject(value) {
  return Object(value) === value;
}

/**
 * Converts to a dictionary's object: null and undefined are an empty one.
 *
 * @param {any} value
 * @param {string} name
 * @returns {Record<string, any>}
 */
export function toDictionary(value, name) {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw new TypeError(`${name} is not an object.`);
  return value;
}
