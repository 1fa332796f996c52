/** https://html.spec.whatwg.org/#event-handler-attributes */
self.checkHandlers = async function checkHandlers(checks, idl, url) {
  if ('ServiceWorkerGlobalScope' in self) {
    for (const { name } of idl.partials.ServiceWorkerGlobalScope) checkHandler(checks, self, name);
  }
  const manager = await self.findManager();
  const registration = await manager.fetch('handlers', url);
  const { members } = idl.interfaces.find(({ name }) => name === 'BackgroundFetchRegistration');
  const attributes = members.filter(({ type }) => type === 'EventHandler');
  checks.equal(attributes.length, 1, 'event handlers of a registration');
  for (const { name } of attributes) checkHandler(checks, registration, name);
  await registration.abort();
};

function checkHandler(checks, target, name) {
  const type = name.slice('on'.length);
  const fire = (init) => {
    const event = new Event(type, init);
    target.dispatchEvent(event);
    return event;
  };
  const calls = [];
  const takeCalls = () => calls.splice(0).join();

  checks.equal(target[name], null, `${name} at first`);
  function handler(...args) {
    calls.push([this === target, args.length, args[0].type]);
  }
  target[name] = handler;
  checks.equal(target[name], handler, name);
  fire();
  checks.equal(takeCalls(), `true,1,${type}`, `call of ${name}`);

  const object = { handleEvent: () => calls.push('object') };
  for (const kept of [object, Object.create(null), []]) {
    target[name] = kept;
    checks.ok(target[name] === kept, `${name} does not keep an object`);
    fire();
    checks.equal(takeCalls(), '', `${name} with an object`);
  }
  for (const primitive of [undefined, null, 0, 5, 'text', true, 1n, Symbol('some')]) {
    target[name] = handler;
    target[name] = primitive;
    checks.equal(target[name], null, `${name} after ${String(primitive)}`);
    fire();
    checks.equal(takeCalls(), '', `${name} after ${String(primitive)}`);
  }

  checkOrder(checks, target, name, fire);

  for (const cancelable of [false, true]) {
    for (const result of [false, true, undefined, null, 0, '']) {
      target[name] = () => result;
      const prevented = cancelable && result === false;
      const message = `${name} that returns ${result}`;
      checks.equal(fire({ cancelable }).defaultPrevented, prevented, message);
    }
  }
  target[name] = null;
}

/** A handler has the place among the listeners that it had when it was set first, or after null. */
function checkOrder(checks, target, name, fire) {
  const type = name.slice('on'.length);
  const calls = [];
  const before = () => calls.push('before');
  const after = () => calls.push('after');
  const look = (expected, message) => {
    fire();
    checks.equal(calls.splice(0).join(), expected, `${name} ${message}`);
  };
  target.addEventListener(type, before);
  target[name] = () => calls.push('first');
  target.addEventListener(type, after);
  look('before,first,after', 'among listeners');
  target[name] = () => calls.push('second');
  look('before,second,after', 'replaced');
  target[name] = {};
  look('before,after', 'with an object');
  target[name] = () => calls.push('third');
  look('before,third,after', 'after an object');
  target[name] = null;
  look('before,after', 'removed');
  target[name] = () => calls.push('fourth');
  look('before,after,fourth', 'set anew');
  target.removeEventListener(type, before);
  target.removeEventListener(type, after);
}
