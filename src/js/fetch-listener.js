import { shapeOperation } from './web-idl.js';

/**
 * Calls `attach` when the app attaches its first listener of `fetch` events, just before. In a worker that has none, pages
 * do not wait for its start.
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
      else delete self.addEventListener;
    }
    if (attribute) restore();
    attach();
  };

  const { addEventListener } = {
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

  const restore = () => {
    if (Object.getOwnPropertyDescriptor(self, 'onfetch')?.set !== watching) return;
    if (attribute.owner === self) Object.defineProperty(self, 'onfetch', attribute.descriptor);
    else delete self.onfetch;
  };
  if (!attribute) return;
  const { set } = attribute.descriptor;
  const watched = {
    set onfetch(listener) {
      attachFirst();
      Reflect.apply(set, self, [listener]);
    },
  };
  const watching = Object.getOwnPropertyDescriptor(watched, 'onfetch').set;
  Object.defineProperty(self, 'onfetch', { ...attribute.descriptor, set: watching });
}

function attributeOf(object, name) {
  for (let owner = object; owner; owner = Object.getPrototypeOf(owner)) {
    const descriptor = Object.getOwnPropertyDescriptor(owner, name);
    if (descriptor) return descriptor.set && descriptor.configurable ? { owner, descriptor } : undefined;
  }
  return undefined;
}
