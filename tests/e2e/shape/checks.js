/** Runs in every kind of global. Collects what does not hold, so that one run tells all of it. */
self.Checks = class Checks {
  count = 0;
  failures = [];

  ok(condition, message) {
    this.count += 1;
    if (!condition) this.failures.push(message);
  }

  equal(actual, expected, message) {
    const show = (value) => (typeof value === 'object' ? JSON.stringify(value) : String(value));
    const isSame =
      Object.is(actual, expected) || (typeof actual === 'object' && show(actual) === show(expected));
    this.ok(isSame, `${message}: ${show(actual)} instead of ${show(expected)}`);
  }

  /** The attributes of a property. */
  property(descriptor, { writable, enumerable, configurable }, message) {
    const actual = descriptor && [descriptor.writable, descriptor.enumerable, descriptor.configurable];
    this.equal(
      actual,
      [writable, enumerable, configurable],
      `${message}: writable, enumerable, configurable`,
    );
  }

  throws(Expected, work, message) {
    try {
      work();
      this.ok(false, `${message} does not throw`);
    } catch (error) {
      this.ok(error instanceof Expected, `${message} throws ${error}`);
    }
  }

  /** Gives what `work` throws, also as a rejection. */
  async errorOf(work, message) {
    try {
      await work();
    } catch (error) {
      return error;
    }
    this.ok(false, `${message} does not reject`);
    return undefined;
  }

  /** It must give a promise and may not throw. */
  async rejects(Expected, work, message) {
    let promise;
    try {
      promise = work();
    } catch (error) {
      this.ok(false, `${message} throws ${error}`);
      return;
    }
    this.ok(promise instanceof Promise, `${message} gives no promise`);
    const error = await this.errorOf(() => promise, message);
    this.ok(error instanceof Expected, `${message} rejects with ${error}`);
  }

  /** A property of an interface that holds an operation, or one of its accessors. */
  builtin(value, { name, length }, message) {
    this.equal(typeof value, 'function', message);
    if (typeof value !== 'function') return;
    this.equal(value.name, name, `${message}: name`);
    this.equal(value.length, length, `${message}: length`);
    this.equal(Reflect.ownKeys(value).sort(), ['length', 'name'], `${message}: own properties`);
    this.equal(Object.getPrototypeOf(value), Function.prototype, `${message}: prototype`);
    this.throws(TypeError, () => Reflect.construct(Object, [], value), `${message} as a constructor`);
  }
};

/** Runs a function of checks; an exception that it lets through is a failure, too. */
self.collect = async function collect(name, ...args) {
  const checks = new self.Checks();
  try {
    await self[name](checks, ...args);
  } catch (error) {
    checks.failures.push(`${name} ends with ${error}\n${error.stack}`);
  }
  checks.equal(self.errors, [], 'errors on the console');
  return { count: checks.count, failures: checks.failures };
};
