/** The constructors of the events, in a service worker. */
self.checkEvents = async function checkEvents(checks, idl, url) {
  const manager = await self.findManager();
  const registration = await manager.fetch('events', url);
  const constructible = idl.interfaces.filter(({ isConstructible }) => isConstructible);
  checks.equal(constructible.length, 2, 'events');
  for (const definition of constructible) await checkEvent(checks, definition, registration, idl);
  await registration.abort();
};

async function checkEvent(checks, { name, length, members }, registration, { dictionaries }) {
  /** @type {any} */
  const Interface = self[name];
  for (let given = 0; given < length; given += 1) {
    const args = ['type', {}].slice(0, given);
    checks.throws(TypeError, () => new Interface(...args), `${name} with ${given} arguments`);
  }
  const wrong = [undefined, null, {}, 5, 'text', true, { registration: undefined }, { registration: null }];
  wrong.push({ registration: {} }, { registration: Object.create(Object.getPrototypeOf(registration)) });
  for (const [index, init] of wrong.entries()) {
    checks.throws(TypeError, () => new Interface('type', init), `${name} with wrong init no. ${index}`);
  }
  checks.throws(TypeError, () => new Interface(Symbol('type'), { registration }), `${name} of a symbol`);
  checks.throws(TypeError, () => Interface('type', { registration }), `${name} without new`);

  const plain = new Interface('backgroundfetchsuccess', { registration });
  checks.equal(plain.type, 'backgroundfetchsuccess', `type of ${name}`);
  checks.ok(plain.registration === registration, `registration of ${name}`);
  checks.equal(plain.isTrusted, false, `isTrusted of ${name}`);
  checks.equal(String(plain), `[object ${name}]`, `toString() of ${name}`);
  checks.ok(new Interface(5, { registration }).type === '5', `a number as type of ${name}`);
  const shown = [];
  for (const key in plain) shown.push(key);
  for (const key of [...members.map((member) => member.name), 'registration', 'waitUntil', 'type']) {
    checks.ok(shown.includes(key), `for...in of ${name} gives no ${key}`);
  }
  const own = Reflect.ownKeys(plain).filter((key) => key !== 'isTrusted');
  checks.equal(own, [], `own properties of ${name}`);

  const flags = dictionaries.EventInit.map((member) => member.name);
  for (const [index, key] of flags.entries()) {
    for (const value of [true, false]) {
      const event = new Interface('type', { registration, [key]: value });
      checks.equal(event[key], value, `${key} of ${name}`);
      const other = flags[(index + 1) % flags.length];
      checks.equal(event[other], false, `${other} of ${name} by default`);
    }
  }
  /** @type {any} */
  const Derived = class extends Interface {};
  checks.ok(new Derived('type', { registration }).registration === registration, `a subclass of ${name}`);

  const log = [];
  const init = self.recorded(dictionaries, 'BackgroundFetchEventInit', log, { registration });
  const type = { toString: () => [log.push('type'), 'type'][1] };
  checks.ok(new Interface(type, init).registration === registration, `${name} of a proxy`);
  const expected = ['type', ...self.recording(dictionaries, 'BackgroundFetchEventInit')];
  checks.equal(log, expected, `conversions by ${name}`);

  checks.ok(plain.waitUntil.name === 'waitUntil' && plain.waitUntil.length === 1, 'shape of waitUntil()');
  const extended = await checks.errorOf(async () => plain.waitUntil(Promise.resolve()), 'waitUntil()');
  checks.equal(extended?.name, 'InvalidStateError', `waitUntil() of a script's ${name}`);
  checks.throws(TypeError, () => plain.waitUntil.call({}, Promise.resolve()), 'waitUntil() with wrong this');
  checks.throws(TypeError, () => plain.waitUntil(), 'waitUntil() without an argument');
  if (plain.updateUI) await checkUpdateUI(checks, plain, registration, dictionaries);
}

async function checkUpdateUI(checks, event, registration, dictionaries) {
  const late = await checks.errorOf(() => event.updateUI({}), 'updateUI()');
  checks.equal(late?.name, 'InvalidStateError', "updateUI() of a script's event");
  const other = new self.BackgroundFetchEvent('type', { registration });
  await checks.rejects(TypeError, () => event.updateUI.call(other), 'updateUI() of the other event');
  for (const options of [5, 'text', { icons: 5 }, { icons: [{}] }, { title: Symbol('title') }]) {
    await checks.rejects(TypeError, () => event.updateUI(options), 'updateUI() with wrong options');
  }
  const log = [];
  await event.updateUI(self.recorded(dictionaries, 'BackgroundFetchUIOptions', log)).catch(() => {});
  checks.equal(log, self.recording(dictionaries, 'BackgroundFetchUIOptions'), 'conversions by updateUI()');
}
