import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join, posix, win32 } from 'node:path';
import { test } from 'node:test';
import { fileUrl, resolveUrl, toBaseUrl } from '../../src/manifest/base-url.js';
import { mapInLanes } from '../../src/manifest/in-lanes.js';
import { buildManifest } from '../../src/manifest/index.js';
import { isWithin, segmentsOf } from '../../src/manifest/path-segments.js';
import { checkManifest } from '../../src/storage-manager/check-manifest.js';
import { integrityOf, makeFolder, urlsOf } from './folders.mjs';

/** As file systems that compare bytes have them; what is between the bars is the name. */
const ODD_NAMES = [
  'a b',
  ' ',
  '100%',
  '%2e%2e',
  '%20',
  'a#b',
  'a?b=c&d',
  'back\\slash',
  'up\\..\\up',
  'C:',
  'javascript:alert(1)',
  "it's (a) [test]!*",
  'a+b;c=d@e,f$g|h^i`j{k}',
  '<b>"quoted"&amp;',
  'tab\there',
  'line\nbreak',
  '\x7f',
  'caf\u00e9',
  'cafe\u0301',
  '日本語',
  '\u{1f3ac}',
  '\u202egpj.exe',
  'a...',
  '~user',
  '-option',
  'index.html',
];

test('every name comes back from its URL, segment by segment', () => {
  for (const base of ['/', '/media/', 'https://app.example/a%20b/']) {
    for (const name of ODD_NAMES) {
      const url = new URL(fileUrl(base, [name, name]), 'https://app.example/x/manifest.json');
      const below = url.pathname.slice(new URL(base, 'https://app.example').pathname.length);
      assert.equal(`${url.search}${url.hash}`, '', name);
      assert.equal(url.origin, 'https://app.example', name);
      assert.deepEqual(below.split('/').map(decodeURIComponent), [name, name]);
    }
  }
  assert.throws(() => fileUrl('/', ['a', '\ud800']), { message: 'A name is no Unicode: "\\ud800"' });
});

test('a server that decodes URLs has each file under the one that is listed', async (t) => {
  const content = (name) => `content of ${name}`;
  const files = ODD_NAMES.flatMap((name) => [
    [`${name}/in folder`, content(`folder ${name}`)],
    [`files/${name}`, content(name)],
  ]);
  const folder = await makeFolder(t, Object.fromEntries(files));
  const server = createServer((request, response) => {
    const segments = new URL(request.url, 'http://localhost').pathname.split('/').slice(2);
    createReadStream(join(folder, ...segments.map(decodeURIComponent)))
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const built = await buildManifest({ folder, baseUrl: '/media/' });
  const { sets } = checkManifest(built, `http://127.0.0.1:${port}/deep/manifest.json`);
  assert.deepEqual(new Set(sets.map(({ id }) => id)), new Set([...ODD_NAMES, 'files']));
  let count = 0;
  for (const set of sets) {
    for (const { url, size, integrity } of set.files) {
      const text = await (await fetch(url, { integrity })).text();
      assert.equal(Buffer.byteLength(text), size);
      assert.equal(integrityOf(text), integrity);
      const name = decodeURIComponent(url.split('/').at(-1));
      assert.equal(text, content(set.id === 'files' ? name : `folder ${set.id}`));
      count += 1;
    }
  }
  assert.equal(count, files.length);
});

test('forms of Unicode stay as they are on disk', async (t) => {
  const folder = await makeFolder(t, { 'a/caf\u00e9': 'composed', 'a/cafe\u0301': 'decomposed' });
  const { sets } = await buildManifest({ folder });
  assert.deepEqual(
    sets[0].files.map(({ url, integrity }) => [url, integrity]),
    [
      ['/a/caf%C3%A9', integrityOf('composed')],
      ['/a/cafe%CC%81', integrityOf('decomposed')],
    ],
  );
});

test('a backslash is a separator in Windows only', () => {
  assert.deepEqual(segmentsOf('a\\b/c', win32), ['a', 'b', 'c']);
  assert.deepEqual(segmentsOf('a\\b/c', posix), ['a\\b', 'c']);
  assert.equal(fileUrl('/', segmentsOf('Season 1\\one.mp4', win32)), '/Season%201/one.mp4');
  assert.equal(fileUrl('/', segmentsOf('Season 1\\one.mp4', posix)), '/Season%201%5Cone.mp4');
});

test('what is within a folder is told by the rules of the system', () => {
  const rows = [
    [posix, '/site', '/site', true],
    [posix, '/site', '/site/a', true],
    [posix, '/site', '/site/..a/b', true],
    [posix, '/site', '/', false],
    [posix, '/site', '/site-2/a', false],
    [posix, '/site', '/etc/passwd', false],
    [posix, '/', '/etc', true],
    [posix, '/site', '/site/..\\a', true],
    [win32, 'C:\\site', 'C:\\site\\a', true],
    [win32, 'C:\\site', 'c:\\SITE\\a', true],
    [win32, 'C:\\site', 'C:\\site\\..a', true],
    [win32, 'C:\\site', 'C:\\', false],
    [win32, 'C:\\site', 'C:\\site-2\\a', false],
    [win32, 'C:\\site', 'D:\\site\\a', false],
    [win32, 'C:\\site', '\\\\host\\share\\a', false],
  ];
  for (const [path, folder, target, expected] of /** @type {[any, string, string, boolean][]} */ (rows))
    assert.equal(isWithin(folder, target, path), expected, `${folder} ${target}`);
});

test('a base URL is an absolute path or an absolute http(s) URL', () => {
  const rows = [
    ['/', '/'],
    ['/media', '/media/'],
    ['/media/', '/media/'],
    ['/a b/ü', '/a%20b/%C3%BC/'],
    ['/a/../b/', '/b/'],
    ['https://app.example', 'https://app.example/'],
    ['HTTP://app.example:80/media', 'http://app.example/media/'],
  ];
  for (const [given, base] of rows) assert.equal(toBaseUrl(given), base);
  const wrong = [
    '',
    'media',
    './media/',
    '//elsewhere.example/a',
    '/\\elsewhere.example/a',
    'ftp://app.example/',
    'javascript:alert(1)',
    'data:text/plain,',
    'https://user:secret@app.example/',
    '/a?b',
    '/a#b',
    'https://app.example/?',
    'https://',
    5,
    null,
  ];
  for (const given of wrong)
    assert.throws(() => toBaseUrl(given), { name: 'TypeError', message: /^baseUrl: / }, `${given}`);
});

test('URLs of icons are relative to their folder, and stay paths', () => {
  const rows = [
    ['a.png', '/b/c/', '/b/c/a.png'],
    ['../a.png?x#y', '/b/c/', '/b/a.png?x#y'],
    ['/a.png', '/b/', '/a.png'],
    ['https://elsewhere.example/a.png', '/b/', 'https://elsewhere.example/a.png'],
    ['data:,', '/b/', 'data:,'],
    ['a.png', 'https://app.example/b/', 'https://app.example/b/a.png'],
    ['https://', '/b/', 'https://'],
  ];
  for (const [url, base, expected] of rows) assert.equal(resolveUrl(url, base), expected);
});

test('links within the folder are followed, and not in circles', async (t) => {
  const folder = await makeFolder(t, { 'a/one.txt': 'one', 'b/two.txt': 'two' });
  await symlink('../b/two.txt', join(folder, 'a/two.txt'));
  await symlink('../b', join(folder, 'a/b'));
  await symlink(folder, join(folder, 'a/root'));
  await symlink('.', join(folder, 'b/self'));
  await symlink('../a', join(folder, 'b/a'));
  const { sets } = await buildManifest({ folder });
  const one = integrityOf('one');
  const two = integrityOf('two');
  const [a, b] = sets.map(({ files }) => files.map(({ url, integrity }) => [url, integrity]));
  assert.deepEqual(a, [
    ['/a/b/two.txt', two],
    ['/a/one.txt', one],
    ['/a/two.txt', two],
  ]);
  assert.deepEqual(b, [
    ['/b/a/one.txt', one],
    ['/b/a/two.txt', two],
    ['/b/two.txt', two],
  ]);
});

test('the folder itself may be a link', async (t) => {
  const folder = await makeFolder(t, { 'a/b.txt': '', 'c.txt': '' });
  const link = join(folder, '../link');
  await symlink('site', link);
  const { sets } = await buildManifest({ folder: link, leaveOut: [join(link, 'c.txt')] });
  assert.deepEqual(urlsOf({ sets }), { a: ['/a/b.txt'] });
});

test('a file that is left out is so under its own name and those of links to it', async (t) => {
  const folder = await makeFolder(t, { 'a/b.txt': '', 'a/c.txt': '' });
  await symlink('b.txt', join(folder, 'a/link-to-b'));
  await symlink('c.txt', join(folder, 'a/link-to-c'));
  const leaveOut = ['a/link-to-b', 'a/c.txt'].map((path) => join(folder, path));
  assert.deepEqual(urlsOf(await buildManifest({ folder, leaveOut })), { a: ['/a/b.txt'] });
});

test('a link that leads out of the folder, or nowhere, is an error that names it', async (t) => {
  const rows = [
    ['../../secret.txt', 'A symbolic link leads out of the folder: a/link'],
    ['../..', 'A symbolic link leads out of the folder: a/link'],
    ['/', 'A symbolic link leads out of the folder: a/link'],
    ['../../site-2', 'A symbolic link leads out of the folder: a/link'],
    ['missing', 'A symbolic link leads nowhere: a/link'],
    ['link', 'A symbolic link leads nowhere: a/link'],
  ];
  for (const [target, message] of rows) {
    const folder = await makeFolder(t, { 'a/b.txt': '', '../secret.txt': '', '../site-2/c.txt': '' });
    await symlink(target, join(folder, 'a/link'));
    await assert.rejects(buildManifest({ folder }), { message }, target);
    assert.deepEqual(urlsOf(await buildManifest({ folder, exclude: ['a/link'] })), { a: ['/a/b.txt'] });
  }
});

test('a link to a link is judged by where it ends', async (t) => {
  const folder = await makeFolder(t, { 'a/b.txt': 'b' });
  const outside = join(folder, '../outside');
  await symlink(join(folder, 'a/b.txt'), outside);
  await symlink(outside, join(folder, 'a/in.txt'));
  assert.deepEqual(urlsOf(await buildManifest({ folder })), { a: ['/a/b.txt', '/a/in.txt'] });
  await writeFile(join(folder, '../secret.txt'), '');
  await symlink('../../secret.txt', join(folder, 'a/out.txt'));
  await symlink('out.txt', join(folder, 'a/.hidden'));
  await assert.rejects(buildManifest({ folder }), { message: /out of the folder: a\/out\.txt$/ });
});

test('work in lanes is done a few at a time, in order, until some fails', async () => {
  let running = 0;
  let most = 0;
  const begun = [];
  const work = async (item) => {
    begun.push(item);
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, (item * 7) % 5));
    running -= 1;
    if (item === 30) throw new Error('thirty');
    return item * 2;
  };
  const items = Array.from({ length: 25 }, (_, at) => at);
  assert.deepEqual(
    await mapInLanes(items, 8, work),
    items.map((item) => item * 2),
  );
  assert.equal(most, 8);
  assert.deepEqual(await mapInLanes([], 8, work), []);
  begun.length = 0;
  const many = Array.from({ length: 1000 }, (_, at) => at);
  await assert.rejects(mapInLanes(many, 8, work), { message: 'thirty' });
  assert.equal(running, 0);
  assert.ok(begun.length < 50, `${begun.length}`);
});
