/** What can be seen of the interfaces without an instance, in any global. */
self.checkInterfaces = async function checkInterfaces(checks, idl, globalName) {
  for (const definition of idl.interfaces) {
    if (definition.exposed.includes(globalName)) await checkInterface(checks, definition);
    else checks.ok(!(definition.name in self), `${definition.name} is exposed`);
  }
  await checkPartialInterfaces(checks, idl, globalName);
};

/** The polyfill's own members, which the interface does not have. */
const ADDED = {
  // Native events refuse to be extended when a script has dispatched them.
  BackgroundFetchEvent: ['waitUntil'],
};

async function checkInterface(checks, definition) {
  const { name, inheritance, length, isConstructible, members } = definition;
  const descriptor = Object.getOwnPropertyDescriptor(self, name);
  checks.property(descriptor, { writable: true, enumerable: false, configurable: true }, name);
  const Interface = descriptor.value;
  checks.ok(!String(Interface).includes('[native code]'), `${name} is native`);

  for (const [key, value] of Object.entries({ name, length })) {
    checks.equal(Interface[key], value, `${name}.${key}`);
    const attributes = { writable: false, enumerable: false, configurable: true };
    checks.property(Object.getOwnPropertyDescriptor(Interface, key), attributes, `${name}.${key}`);
  }
  checks.equal(
    Reflect.ownKeys(Interface).sort(),
    ['length', 'name', 'prototype'],
    `own properties of ${name}`,
  );
  const base = inheritance ? self[inheritance] : Function.prototype;
  checks.ok(Object.getPrototypeOf(Interface) === base, `${name} inherits from another constructor`);

  const { prototype } = Interface;
  const fixed = { writable: false, enumerable: false, configurable: false };
  checks.property(Object.getOwnPropertyDescriptor(Interface, 'prototype'), fixed, `${name}.prototype`);
  const basePrototype = inheritance ? self[inheritance].prototype : Object.prototype;
  checks.ok(Object.getPrototypeOf(prototype) === basePrototype, `${name} inherits from another prototype`);
  checkPrototypeKeys(checks, definition, prototype);

  const constructor = Object.getOwnPropertyDescriptor(prototype, 'constructor');
  const hidden = { writable: true, enumerable: false, configurable: true };
  checks.property(constructor, hidden, `${name}.prototype.constructor`);
  checks.equal(constructor.value, Interface, `${name}.prototype.constructor`);

  const tag = Object.getOwnPropertyDescriptor(prototype, Symbol.toStringTag);
  const tagAttributes = { writable: false, enumerable: false, configurable: true };
  checks.property(tag, tagAttributes, `toStringTag of ${name}`);
  checks.equal(tag?.value, name, `toStringTag of ${name}`);

  checks.throws(TypeError, () => Interface(), `${name}()`);
  checks.throws(TypeError, () => new Interface(), `new ${name}()`);
  if (!isConstructible) {
    checks.throws(TypeError, () => new Interface({}, {}, {}), `new ${name}() with arguments`);
    checks.throws(TypeError, () => new (class extends Interface {})(), `a subclass of ${name}`);
    checks.throws(
      TypeError,
      () => Reflect.construct(Interface, [], Object),
      `${name} with another new.target`,
    );
  }
  const wrong = [undefined, null, 0, 'text', {}, prototype, Object.create(prototype), self];
  for (const member of members) await checkMember(checks, prototype, member, wrong, name);
}

function checkPrototypeKeys(checks, { name, members }, prototype) {
  const names = members.map((member) => member.name);
  const added = ADDED[name] ?? [];
  const keys = Reflect.ownKeys(prototype).filter((key) => !added.includes(key));
  const expected = ['constructor', ...names, Symbol.toStringTag];
  const sorted = (list) => list.map(String).sort();
  checks.equal(sorted(keys), sorted(expected), `own properties of ${name}.prototype`);
  const enumerable = Object.keys(prototype).filter((key) => !added.includes(key));
  checks.equal(enumerable, names, `enumerable properties of ${name}.prototype`);
}

async function checkPartialInterfaces(checks, { partials }, globalName) {
  for (const member of partials.ServiceWorkerGlobalScope) {
    // The members of a global are its own, and `this` may be left out.
    if (globalName !== 'service worker') checks.ok(!(member.name in self), `${member.name} is there`);
    else await checkMember(checks, self, member, [0, 'text', {}, Object.create(self)], 'self');
  }
  if (!('ServiceWorkerRegistration' in self)) return;
  const { prototype } = self.ServiceWorkerRegistration;
  for (const member of partials.ServiceWorkerRegistration) {
    const wrong = [undefined, null, 0, {}, { scope: self.origin }, prototype, Object.create(prototype), self];
    await checkMember(checks, prototype, member, wrong, 'ServiceWorkerRegistration');
  }
}

async function checkMember(checks, holder, member, wrong, where) {
  const name = `${where}.${member.name}`;
  const descriptor = Object.getOwnPropertyDescriptor(holder, member.name);
  checks.ok(descriptor, `${name} is missing`);
  if (!descriptor) return;
  if (member.kind === 'attribute') await checkAttribute(checks, descriptor, member, wrong, name);
  else await checkOperation(checks, descriptor, member, wrong, name);
}

async function checkAttribute(checks, descriptor, member, wrong, name) {
  checks.property(descriptor, { writable: undefined, enumerable: true, configurable: true }, name);
  checks.builtin(descriptor.get, { name: `get ${member.name}`, length: 0 }, `the getter of ${name}`);
  if (member.readonly) checks.equal(descriptor.set, undefined, `the setter of ${name}`);
  else checks.builtin(descriptor.set, { name: `set ${member.name}`, length: 1 }, `the setter of ${name}`);
  for (const [index, value] of wrong.entries()) {
    const message = `${name} with wrong this no. ${index}`;
    const read = () => Reflect.apply(descriptor.get, value, []);
    if (member.isPromise) await checks.rejects(TypeError, read, message);
    else checks.throws(TypeError, read, message);
    const write = () => Reflect.apply(descriptor.set, value, [null]);
    if (!member.readonly) checks.throws(TypeError, write, `setting ${message}`);
  }
}

async function checkOperation(checks, descriptor, member, wrong, name) {
  checks.property(descriptor, { writable: true, enumerable: true, configurable: true }, name);
  checks.builtin(descriptor.value, member, name);
  // Arguments that are right, so that nothing else is wrong.
  const args = new Array(member.length).fill('/');
  for (const [index, value] of wrong.entries()) {
    const call = () => Reflect.apply(descriptor.value, value, args);
    const message = `${name}() with wrong this no. ${index}`;
    if (member.isPromise) await checks.rejects(TypeError, call, message);
    else checks.throws(TypeError, call, message);
  }
}
