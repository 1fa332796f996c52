import assert from 'node:assert/strict';
import { forEachEngine } from './harness.mjs';

const SIZE = 50_000;
const STORED = 20_000;
const SECRET = '/page?secret=1';

/**
 * What a caller may say of a request, and what a server may see of it. `elsewhere`: at another origin.
 *
 * @type {{ name: string, init?: any, elsewhere?: boolean }[]}
 */
const ROWS = [
  { name: 'nothing' },
  { name: 'nothing, elsewhere', elsewhere: true },
  { name: 'a referrer', init: { referrer: '/article?id=1' } },
  { name: 'a referrer, elsewhere', init: { referrer: '/article?id=1' }, elsewhere: true },
  { name: 'no referrer', init: { referrer: '' } },
  ...[
    'no-referrer',
    'no-referrer-when-downgrade',
    'origin',
    'origin-when-cross-origin',
    'same-origin',
    'strict-origin',
    'strict-origin-when-cross-origin',
    'unsafe-url',
  ].flatMap((referrerPolicy) => [
    { name: `the policy ${referrerPolicy}`, init: { referrerPolicy } },
    { name: `the policy ${referrerPolicy}, elsewhere`, init: { referrerPolicy }, elsewhere: true },
  ]),
  ...['omit', 'same-origin', 'include'].flatMap((credentials) => [
    { name: `credentials: ${credentials}`, init: { credentials } },
    { name: `credentials: ${credentials}, elsewhere`, init: { credentials }, elsewhere: true },
  ]),
  ...['no-store', 'reload', 'no-cache', 'force-cache'].map((cache) => ({
    name: `cache: ${cache}`,
    init: { cache },
  })),
  { name: 'mode: same-origin', init: { mode: 'same-origin' } },
  { name: 'redirect: error', init: { redirect: 'error' } },
  { name: 'keepalive', init: { keepalive: true } },
  {
    name: 'headers',
    init: { headers: { Accept: 'audio/*', 'Accept-Language': 'de', 'X-Film': 'one' } },
  },
  { name: 'headers, elsewhere', init: { headers: { Accept: 'audio/*', 'X-Film': 'one' } }, elsewhere: true },
];

const SEEN = [
  'referer',
  'origin',
  'cookie',
  'accept',
  'accept-language',
  'x-film',
  'cache-control',
  'pragma',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-dest',
];
/** A request that goes on with a file passes the cache by, which a server sees. */
const OF_CACHES = ['cache-control', 'pragma'];

const seenOf = ({ headers }, names) => Object.fromEntries(names.map((name) => [name, headers[name]]));

/** In the page: plain fetch(), and a background fetch of the same. */
async function fetchAll(rows, stored) {
  document.cookie = 'taste=one';
  const { backgroundFetch } = await navigator.serviceWorker.ready;
  for (const { plain, background, init } of rows) {
    await (await fetch(new Request(plain, init))).arrayBuffer();
    const registration = await backgroundFetch.fetch(background, new Request(background, init));
    // The connection is cut when what has come is stored.
    const release = () => {
      if (registration.downloaded < stored) return;
      registration.removeEventListener('progress', release);
      fetch(`/release?path=${new URL(background).pathname}`);
    };
    registration.addEventListener('progress', release);
    release();
  }
}

forEachEngine('requests', ({ test }) => {
  test('servers see what they see of fetch(), at first, when it goes on, and after a reload', async (context) => {
    const { server, openPage } = context;
    const rows = ROWS.map(({ name, init, elsewhere }, index) => {
      const cors = { origin: server.origin, credentials: true, expose: ['Content-Range', 'ETag'] };
      const [plainPath, path] = [`/plain-${index}`, `/background-${index}`];
      server.file(plainPath, { size: 10, cors });
      // Cut, cut once more when it goes on, and then not to be had before the reload.
      const answers = [
        { cutAfter: STORED, stallAfter: STORED },
        { cutAfter: 5_000 },
        { status: 503, headers: { 'Retry-After': '600' } },
      ];
      server.file(path, { size: SIZE, cors, script: (_, n) => answers[n] ?? {} });
      const url = (path) => (elsewhere ? server.otherUrl(path) : server.url(path));
      return { name, init, path, plainPath, plain: url(plainPath), background: url(path) };
    });
    server.file('/release', {
      script: ({ url }) => {
        server.release(new URL(url, server.origin).searchParams.get('path'));
        return { status: 204 };
      },
    });
    const settings = {
      connections: 1,
      connectionsPerOrigin: 4,
      unstoredTime: 20,
      progressInterval: 10,
      retry: { firstDelay: 10, longestDelay: 20 },
    };
    const page = await openPage({ path: SECRET, polyfill: { settings }, worker: '' });
    const running = page.evaluate(
      fetchAll,
      rows.map(({ plain, background, init }) => ({ plain, background, init })),
      STORED,
    );
    const requestsOf = (path) => server.requests(path).filter(({ method }) => method === 'GET');
    await server.until(() => rows.every(({ path }) => requestsOf(path).length >= 3), { timeout: 40_000 });
    await running;
    await page.reload();
    await server.until(() => rows.every(({ path }) => requestsOf(path).length >= 4), { timeout: 40_000 });

    const failures = [];
    for (const { name, path, plainPath } of rows) {
      const [first, again, , reloaded] = requestsOf(path);
      const expected = requestsOf(plainPath)[0];
      const compare = (what, request, names) => {
        const [actual, wanted] = [seenOf(request, names), seenOf(expected, names)];
        for (const header of names.filter((header) => actual[header] !== wanted[header])) {
          failures.push(`${name}, ${what}: ${header} is ${actual[header]}, of fetch() ${wanted[header]}`);
        }
      };
      compare('at first', first, SEEN);
      const others = SEEN.filter((header) => !OF_CACHES.includes(header));
      compare('when it goes on', again, others);
      compare('after a reload', reloaded, others);
      if (!again.range) failures.push(`${name}: it began anew`);
    }
    assert.deepEqual(failures, []);
  });

  test('what only the cache may give fails as fetch() does, at once', async ({ server, openPage }) => {
    server.file('/never', { size: 10 });
    const page = await openPage({ polyfill: true, worker: '' });
    const [plain, result] = await page.evaluate(async () => {
      const { backgroundFetch } = await navigator.serviceWorker.ready;
      const request = () => new Request('/never', { cache: 'only-if-cached', mode: 'same-origin' });
      const outcome = await fetch(request()).then(
        () => 'success',
        () => 'failure',
      );
      const registration = await backgroundFetch.fetch('id', request());
      while (!registration.result)
        await new Promise((resolve) => registration.addEventListener('progress', resolve, { once: true }));
      return [outcome, registration.result];
    });
    assert.equal(result, plain);
    // WebKit (2.50) asks the server.
    if (plain === 'failure') assert.deepEqual(server.requests('/never'), []);
  });
});
