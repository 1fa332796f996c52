/** How arguments are converted (https://webidl.spec.whatwg.org/#js-type-mapping). */

const CONVERTED = {
  DOMString: (log, name) => ({ toString: () => [log.push(`${name} to a string`), name][1] }),
  USVString: (log, name) => ({ toString: () => [log.push(`${name} to a string`), name][1] }),
  'unsigned long long': (log, name) => ({ valueOf: () => [log.push(`${name} to a number`), 0][1] }),
};

/**
 * A value for a dictionary that logs each look at it. What is needed that cannot be made from the IDL is in `given`.
 */
self.recorded = function recorded(dictionaries, dictionary, log, given = {}) {
  const values = Object.fromEntries(
    dictionaries[dictionary].map(({ name, type, sequenceOf }) => {
      const convert = CONVERTED[type];
      if (name in given) return [name, given[name]];
      if (sequenceOf) return [name, [recorded(dictionaries, sequenceOf, log)]];
      return [name, convert ? convert(log, name) : false];
    }),
  );
  return new Proxy(/** @type {any} */ (values), {
    get: (_, /** @type {string} */ key) => [log.push(String(key)), values[key]][1],
    has: (_, key) => log.push(`has ${String(key)}`) && key in values,
    ownKeys: () => log.push('ownKeys') && Reflect.ownKeys(values),
    getOwnPropertyDescriptor: (_, key) =>
      log.push(`descriptor of ${String(key)}`) && Reflect.getOwnPropertyDescriptor(values, key),
  });
};

/** What such a value logs when it is converted as the IDL says. */
self.recording = function recording(dictionaries, dictionary) {
  return dictionaries[dictionary].flatMap(({ name, type, sequenceOf }) => {
    if (sequenceOf) return [name, ...recording(dictionaries, sequenceOf)];
    if (!CONVERTED[type]) return [name];
    return [name, `${name} to a ${type.endsWith('String') ? 'string' : 'number'}`];
  });
};

/**
 * An iterable that logs what is done with it, and gives `items`.
 *
 * @param {string[]} log
 * @param {any[]} items
 * @param {{ fails?: Error }} [options]
 */
function loggingIterable(log, items, { fails } = {}) {
  const rest = [...items];
  const step = () => {
    const done = rest.length === 0;
    return {
      get done() {
        log.push('done');
        return done;
      },
      get value() {
        log.push('value');
        return rest.shift();
      },
    };
  };
  const iterator = {
    get next() {
      log.push('get next');
      return () => {
        log.push('next');
        if (fails) throw fails;
        return step();
      };
    },
    get return() {
      log.push('get return');
      return () => ({});
    },
  };
  return {
    get [Symbol.iterator]() {
      log.push('get @@iterator');
      return () => {
        log.push('iterate');
        return iterator;
      };
    },
    toString: () => [log.push('to a string'), items[0]][1],
  };
}

const LOOK_AT_ONE = ['next', 'done', 'value'];
const BEGIN = ['get @@iterator', 'iterate', 'get next'];

self.checkConversions = async function checkConversions(checks, { dictionaries }, url) {
  const manager = await self.findManager();
  let id = 0;
  /** Begins a fetch, looks at it and ends it. */
  const fetched = async (look, requests, ...options) => {
    id += 1;
    const registration = await manager.fetch(`conversions ${id}`, requests, ...options);
    const seen = await look(registration);
    await registration.abort();
    return seen;
  };
  await checkRequests(checks, manager, fetched, url);
  await checkOptions(checks, manager, fetched, url, dictionaries);
  await checkQueries(checks, fetched, url, dictionaries);
};

async function checkRequests(checks, manager, fetched, url) {
  const recordsOf = (requests) =>
    fetched(async (registration) => {
      const records = await registration.matchAll();
      return records.map(({ request }) => request.url.slice(self.location.origin.length));
    }, requests);
  const bare = { toString: () => url };
  const single = new Request(url);
  single[Symbol.iterator] = () => [][Symbol.iterator]();
  checks.equal(await recordsOf(single), [url], 'a Request, even if it is iterable');
  checks.equal(await recordsOf(bare), [url], 'an object');
  checks.equal(await recordsOf({ ...bare, [Symbol.iterator]: undefined }), [url], '@@iterator undefined');
  checks.equal(await recordsOf({ ...bare, [Symbol.iterator]: null }), [url], '@@iterator null');
  checks.equal(await recordsOf(url), [url], 'a string');
  checks.equal(await recordsOf(5), ['/5'], 'a number');
  checks.equal(await recordsOf(null), ['/null'], 'null');
  checks.equal(await recordsOf(undefined), ['/undefined'], 'undefined');
  checks.equal(await recordsOf(Object('ab')), ['/a', '/b'], 'a String object is a sequence');
  checks.equal(await recordsOf(new Set([url, '/b'])), [url, '/b'], 'a Set');
  checks.equal(await recordsOf([bare, new Request('/b')]), [url, '/b'], 'a mixed sequence');
  function* generate() {
    yield url;
    yield '/b';
  }
  checks.equal(
    await recordsOf(Object.assign(() => {}, { [Symbol.iterator]: generate })),
    [url, '/b'],
    'a function',
  );

  const log = [];
  checks.equal(await recordsOf(loggingIterable(log, [url, '/b'])), [url, '/b'], 'any iterable');
  checks.equal(log, [...BEGIN, ...LOOK_AT_ONE, ...LOOK_AT_ONE, 'next', 'done'], 'looks at the iterable');

  const wrongItem = [];
  await checks.rejects(
    TypeError,
    () => manager.fetch('wrong', loggingIterable(wrongItem, [Symbol('item'), url])),
    'a symbol among the requests',
  );
  checks.equal(wrongItem, [...BEGIN, ...LOOK_AT_ONE], 'an iterator is not closed');
  const fails = new RangeError('of the iterator');
  const failed = await checks.errorOf(
    () => manager.fetch('wrong', loggingIterable([], [], { fails })),
    'an iterator that throws',
  );
  checks.ok(failed === fails, `an iterator that throws gives ${failed}`);

  const wrong = {
    'a symbol': Symbol('request'),
    'an iterable that is none': { ...bare, [Symbol.iterator]: 5 },
    'an iterator that is no object': { [Symbol.iterator]: () => 5 },
    'an iterator without next()': { [Symbol.iterator]: () => ({}) },
    'a step that is no object': { [Symbol.iterator]: () => ({ next: () => 5 }) },
    'no request': [],
  };
  for (const [name, requests] of Object.entries(wrong)) {
    await checks.rejects(TypeError, () => manager.fetch('wrong', requests), name);
  }
  await checks.rejects(TypeError, () => manager.fetch(Symbol('id'), url), 'a symbol as id');
  await checks.rejects(TypeError, () => manager.get(Symbol('id')), 'get() of a symbol');
  checks.equal(await manager.get('wrong'), undefined, 'what was rejected');
}

/** What becomes of a downloadTotal. */
const TOTALS = [
  [undefined, 0],
  [null, 0],
  [NaN, 0],
  [Infinity, 0],
  [-Infinity, 0],
  [{}, 0],
  ['text', 0],
  [-0.5, 0],
  [1e6 + 0.9, 1e6],
  ['1000000', 1e6],
  [[1e6], 1e6],
  [{ valueOf: () => 1e6, toString: () => '5' }, 1e6],
  [2 ** 53, 2 ** 53],
  [-1, 2 ** 64],
  [2 ** 64, 0],
  [2 ** 64 + 2 ** 20, 2 ** 20],
  [-(2 ** 63), 2 ** 63],
];

async function checkOptions(checks, manager, fetched, url, dictionaries) {
  // More than any disk has would be refused.
  const storage = { estimate: async () => ({ quota: 2 ** 70, usage: 0 }) };
  Object.defineProperty(navigator, 'storage', { value: storage, configurable: true });
  const totalOf = (options) => fetched(({ downloadTotal }) => downloadTotal, url, options);
  for (const [downloadTotal, expected] of TOTALS) {
    const name = `downloadTotal ${String(downloadTotal)}`;
    checks.equal(await totalOf({ downloadTotal }), expected, name);
  }
  for (const options of [undefined, null, {}, () => {}, []]) {
    checks.equal(await totalOf(options), 0, `options ${String(options)}`);
  }
  const icons = [{ src: '/icon' }, Object.assign(() => {}, { src: 5, label: null })];
  checks.equal(await totalOf({ icons, title: 5, unknown: Symbol('unknown') }), 0, 'icons');
  checks.equal(await totalOf({ icons: new Set() }), 0, 'a Set of icons');

  const wrong = {
    'options 5': 5,
    'options true': true,
    "options 'text'": 'text',
    'a BigInt as options': 1n,
    'a symbol as options': Symbol('options'),
    'a BigInt as downloadTotal': { downloadTotal: 1n },
    'a symbol as downloadTotal': { downloadTotal: Symbol('total') },
    'a symbol as title': { title: Symbol('title') },
    'icons null': { icons: null },
    "icons 'text'": { icons: 'text' },
    'icons 5': { icons: 5 },
    'icons {}': { icons: {} },
    'one icon alone': { icons: { src: '/icon' } },
    'icons with a wrong @@iterator': { icons: { [Symbol.iterator]: 5 } },
    'an icon without src': { icons: [{ sizes: '1x1' }] },
    'an icon null': { icons: [null] },
    'an icon 5': { icons: [5] },
    'a symbol as src': { icons: [{ src: Symbol('src') }] },
    'a symbol as label': { icons: [{ src: '/icon', label: Symbol('label') }] },
  };
  for (const [name, options] of Object.entries(wrong)) {
    await checks.rejects(TypeError, () => manager.fetch('wrong', url, options), name);
  }

  const log = [];
  const id = { toString: () => [log.push('id'), 'order'][1] };
  const options = self.recorded(dictionaries, 'BackgroundFetchOptions', log);
  // What has no requests is refused, but not before everything is converted.
  await checks.rejects(TypeError, () => manager.fetch(id, loggingIterable(log, []), options), 'no requests');
  const expected = self.recording(dictionaries, 'BackgroundFetchOptions');
  checks.equal(log, ['id', ...BEGIN, 'next', 'done', ...expected], 'conversions by fetch()');

  const iconLog = [];
  const iterable = loggingIterable(iconLog, [{}]);
  await checks.rejects(TypeError, () => manager.fetch('wrong', url, { icons: iterable }), 'wrong icons');
  checks.equal(iconLog, [...BEGIN, ...LOOK_AT_ONE], 'looks at icons');
}

async function checkQueries(checks, fetched, url, dictionaries) {
  await fetched(async (registration) => {
    for (const method of ['match', 'matchAll']) {
      const log = [];
      const request = { toString: () => [log.push('request'), url][1] };
      await registration[method](request, self.recorded(dictionaries, 'CacheQueryOptions', log));
      const expected = ['request', ...self.recording(dictionaries, 'CacheQueryOptions')];
      checks.equal(log, expected, `conversions by ${method}()`);

      const late = [];
      const options = self.recorded(dictionaries, 'CacheQueryOptions', late);
      await checks.rejects(TypeError, () => registration[method]('http://:', options), 'no URL');
      checks.equal(late, expected.slice(1), `conversions by ${method}() before it looks at the URL`);
      const { prototype } = self.BackgroundFetchRegistration;
      const untouched = [];
      const watched = { toString: () => untouched.push('request') };
      await checks.rejects(
        TypeError,
        () => prototype[method].call({}, watched),
        `${method}() with wrong this`,
      );
      checks.equal(untouched, [], `conversions by ${method}() with wrong this`);

      for (const wrong of [5, 'text', true, Symbol('options')]) {
        await checks.rejects(
          TypeError,
          () => registration[method](url, wrong),
          `${method}() with wrong options`,
        );
      }
      for (const right of [undefined, null, {}, () => {}]) {
        const found = await registration[method](url, right);
        checks.ok(found, `${method}() with options ${right}`);
      }
      await checks.rejects(TypeError, () => registration[method](Symbol('url')), `${method}() of a symbol`);
    }
    checks.equal((await registration.matchAll(undefined)).length, 1, 'matchAll(undefined)');
    checks.equal((await registration.matchAll(null)).length, 0, 'matchAll(null) is of the URL null');
    checks.equal(await registration.match(undefined), undefined, 'match(undefined) is of the URL undefined');
    checks.equal((await registration.matchAll(new Request(url))).length, 1, 'matchAll() of a Request');
  }, url);
}
