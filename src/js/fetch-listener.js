import { accessorOf, shapeOperation } from './web-idl.js';

/**
 * Calls `attach` when the app attaches its first listener of `fetch` events, just before. In a worker that has none, pages
 * do not wait for its start.
 *
 * @param {() => void} attach
 */
export function beforeFirstFetchListener(attach) {
  const attribute = attributeOf(self, 'onfetch');
  const before = Object.getOwnPropertyDescriptor(self, 'addEventListener');
  let isAttached = false;
  const attachFirst = () => {
    if (isAttached) return;
    isAttached = true;
    // Who has wrapped it meanwhile keeps what it has wrapped.
    if (self.addEventListener === value) {
      if (before) Object.defineProperty(self, 'addEventListener', before);
      else Reflect.deleteProperty(self, 'addEventListener');
    }
    restore();
    attach();
  };

  const { addEventListener } = {
    /** @param {any[]} args */
    addEventListener(...args) {
      if (args[0] === 'fetch') attachFirst();
      return Reflect.apply(before?.value ?? EventTarget.prototype.addEventListener, this ?? self, args);
    },
  };
  const value = shapeOperation(addEventListener);
  Object.defineProperty(self, 'addEventListener', {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });

  const watched = {
    /** @param {unknown} listener */
    set onfetch(listener) {
      attachFirst();
      if (attribute) Reflect.apply(attribute.set, self, [listener]);
    },
  };
  const { set: watching } = accessorOf(watched, 'onfetch');
  const restore = () => {
    if (!attribute || accessorOf(self, 'onfetch')?.set !== watching) return;
    if (attribute.owner === self) Object.defineProperty(self, 'onfetch', attribute.descriptor);
    else Reflect.deleteProperty(self, 'onfetch');
  };
  if (attribute) Object.defineProperty(self, 'onfetch', { ...attribute.descriptor, set: watching });
}

/**
 * @param {object} object
 * @param {string} name
 */
function attributeOf(object, name) {
  for (let owner = object; owner; owner = Object.getPrototypeOf(owner)) {
    const descriptor = Object.getOwnPropertyDescriptor(owner, name);
    const { set, configurable } = descriptor ?? {};
    if (descriptor) return set && configurable ? { owner, descriptor, set } : undefined;
  }
  return undefined;
}
