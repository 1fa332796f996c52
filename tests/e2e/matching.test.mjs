import assert from 'node:assert/strict';
import { assertNothingLeft, openApp, reportOf } from './app.mjs';
import { forEachEngine } from './harness.mjs';

forEachEngine('matching', ({ test }) => {
  test('match() and matchAll() follow the rules of the Cache API', async (context) => {
    const { server } = context;
    server.file('/one', { size: 10 });
    server.file('/two', { size: 10 });
    server.file('/varied', { size: 10, headers: { Vary: 'X-Kind' } });
    server.file('/star', { size: 10, headers: { Vary: '*' } });
    server.file('/held', { size: 10, never: true });
    const page = await openApp(context);
    await page.evaluate(async () => {
      const kind = (value) => ({ headers: { 'X-Kind': value } });
      await window.app.fetch('set', [
        '/two?1',
        '/one',
        new Request('/one', { method: 'POST', body: 'x' }),
        '/two',
        '/one#fragment',
        new Request('/varied', kind('a')),
        new Request('/varied', kind('b')),
        '/star',
        '/held',
      ]);
    });
    // Vary needs the responses.
    const find = (query, options) =>
      page.evaluate(
        async (/** @type {any} */ info, options) => {
          const given = options ?? undefined;
          const registration = window.app.registrations.set;
          const request = Array.isArray(info) ? new Request(info[0], info[1]) : (info ?? undefined);
          const records = await registration.matchAll(request, given);
          const all = await registration.matchAll();
          const urls = records.map(({ request: { method, url, headers } }) =>
            [method, url.slice(new URL(url).origin.length), headers.get('X-Kind')].filter(Boolean).join(' '),
          );
          const first = await registration.match(request ?? '/two?1', given);
          return { urls, count: all.length, first: first ? first.request.url.split('/').at(-1) : null };
        },
        query,
        options,
      );
    await page.evaluate(async () => {
      const records = await window.app.registrations.set.matchAll();
      const answered = records.filter(({ request }) => !request.url.endsWith('/held'));
      await Promise.all(answered.map(({ responseReady }) => responseReady));
    });
    const urls = async (query, options) => (await find(query, options)).urls;

    assert.deepEqual(await find(undefined), {
      urls: [
        'GET /two?1',
        'GET /one',
        'POST /one',
        'GET /two',
        'GET /one#fragment',
        'GET /varied a',
        'GET /varied b',
        'GET /star',
        'GET /held',
      ],
      count: 9,
      first: 'two?1',
    });
    assert.deepEqual(await urls('/one'), ['GET /one', 'GET /one#fragment'], 'no fragments');
    assert.deepEqual(await urls('/one#other'), ['GET /one', 'GET /one#fragment']);
    assert.deepEqual(await urls('/one', { ignoreMethod: true }), [
      'GET /one',
      'POST /one',
      'GET /one#fragment',
    ]);
    assert.deepEqual(
      await urls(['/one', { method: 'POST' }]),
      ['GET /one', 'GET /one#fragment'],
      "the query's method",
    );
    assert.deepEqual(await urls('/two'), ['GET /two']);
    assert.deepEqual(await urls('/two', { ignoreSearch: true }), ['GET /two?1', 'GET /two']);
    assert.deepEqual(await urls('/two?2'), []);
    assert.deepEqual(await urls(['/varied', { headers: { 'X-Kind': 'b' } }]), ['GET /varied b']);
    const ofFrame = await page.evaluate(async () => {
      const frame = document.body.appendChild(document.createElement('iframe'));
      const url = new URL('/varied', location.href).href;
      const request = new frame.contentWindow.Request(url, { headers: { 'X-Kind': 'a' } });
      const records = await window.app.registrations.set.matchAll(request);
      frame.remove();
      return records.map(({ request: { headers } }) => headers.get('X-Kind'));
    });
    assert.deepEqual(ofFrame, ['a'], "a frame's Request, with its Headers");
    assert.deepEqual(await urls('/varied'), []);
    assert.deepEqual(await urls('/varied', { ignoreVary: true }), ['GET /varied a', 'GET /varied b']);
    assert.deepEqual(await urls('/star'), []);
    assert.deepEqual(await urls('/star', { ignoreVary: true }), ['GET /star']);
    assert.deepEqual(await urls('/held'), ['GET /held'], 'a record without a response');
    assert.equal((await find('/none')).first, null);
    const errors = await page.evaluate(async () => {
      const registration = window.app.registrations.set;
      const calls = {
        none: () => registration.match(),
        address: () => registration.match('http://:'),
        addresses: () => registration.matchAll('http://:'),
        options: () => registration.matchAll('/', 1),
      };
      const names = {};
      for (const [name, call] of Object.entries(calls))
        names[name] = await call().catch((error) => error.name);
      names.undefined = (await registration.match('/nothing')) === undefined;
      await registration.abort();
      return names;
    });
    assert.deepEqual(errors, {
      none: 'TypeError',
      address: 'TypeError',
      addresses: 'TypeError',
      options: 'TypeError',
      undefined: true,
    });
    await reportOf(page, 'set');
    await page.waitFor(() => !window.app.state('set').recordsAvailable);
    const late = await page.evaluate(async () => {
      const registration = window.app.registrations.set;
      const outcome = (promise) => promise.catch((error) => [error.name, error instanceof DOMException]);
      return [await outcome(registration.match('/one')), await outcome(registration.matchAll())];
    });
    assert.deepEqual(late, [
      ['InvalidStateError', true],
      ['InvalidStateError', true],
    ]);
    await assertNothingLeft(page);
  });
});
