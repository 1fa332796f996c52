/* Writing to a readonly attribute throws in strict code only. */
'use strict';

/** A manager in this global; undefined where a worker cannot get a registration of a service worker. */
self.findManager = async function findManager() {
  if (self.registration) return self.registration.backgroundFetch;
  const [registration] = (await navigator.serviceWorker?.getRegistrations()) ?? [];
  return registration?.backgroundFetch;
};

/** Every attribute and method of an object by for...in, as those who copy objects do it. */
function enumerated(object) {
  const names = [];
  for (const name in object) names.push(name);
  return names;
}

/** What can be seen of instances. `url` is of a file that does not come to its end. */
self.checkInstances = async function checkInstances(checks, { interfaces }, url) {
  const manager = await self.findManager();
  checks.ok((await self.findManager()) === manager, 'backgroundFetch is another object every time');
  const registration = await manager.fetch('instances', url);
  const record = await registration.match(url);
  const instances = {
    BackgroundFetchManager: manager,
    BackgroundFetchRegistration: registration,
    BackgroundFetchRecord: record,
  };
  for (const { name, inheritance, members } of interfaces) {
    const instance = instances[name];
    if (!instance) continue;
    checks.ok(Object.getPrototypeOf(instance) === self[name].prototype, `the prototype of a ${name}`);
    checks.equal(String(instance), `[object ${name}]`, 'toString()');
    checks.equal(Reflect.ownKeys(instance), [], `own properties of a ${name}`);
    const names = members.map((member) => member.name);
    const inherited = inheritance ? enumerated(new self[inheritance]()) : [];
    checks.equal(enumerated(instance), [...names, ...inherited], `for...in of a ${name}`);
    for (const member of members) await checkMemberOf(checks, instance, member, name);
  }
  await registration.abort();
};

async function checkMemberOf(checks, instance, member, where) {
  const name = `${where}.${member.name}`;
  if (member.kind === 'attribute') {
    const value = instance[member.name];
    checkType(checks, value, member, name);
    if (member.type !== 'EventHandler') checks.ok(instance[member.name] === value, name);
    if (!member.readonly) return;
    checks.throws(TypeError, () => (instance[member.name] = null), `setting ${name}`);
    return;
  }
  for (let given = 0; given < member.length; given += 1) {
    const call = () => instance[member.name](...new Array(given).fill('/'));
    await checks.rejects(TypeError, call, `${name}() with ${given} arguments`);
  }
}

const TYPES = { DOMString: 'string', boolean: 'boolean', 'unsigned long long': 'number' };

function checkType(checks, value, { type, isPromise }, name) {
  if (isPromise) checks.ok(value instanceof Promise, `${name} is no promise`);
  else if (type === 'EventHandler') checks.equal(value, null, name);
  else if (type in self) checks.ok(value instanceof self[type], `${name} is no ${type}`);
  // What is none of these is an enum.
  else checks.equal(typeof value, TYPES[type] ?? 'string', `type of ${name}`);
}
