import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFile, readFile, rm, stat, utimes } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { hashFile } from '../../src/manifest/hash-file.js';
import * as module from '../../src/manifest/index.js';
import { checkManifest } from '../../src/storage-manager/check-manifest.js';
import { integrityOf, makeFolder, urlsOf, writeFiles } from './folders.mjs';

/** What is there is what the declarations promise. @type {typeof import('../../src/types/manifest.js')} */
const { buildManifest, serializeManifest } = module;

const SEASON = {
  'index.html': '<!doctype html>',
  'season-1/one.mp4': 'one',
  'season-1/two.mp4': 'two',
  'season-1/extras/cover.png': 'cover',
  'season-2/three.MP4': 'three',
  'season-2/unknown.xyzzy': '',
};

test('each folder at the top level is a set, and so are the files beside them', async (t) => {
  const folder = await makeFolder(t, SEASON);
  const file = (url, content, type) => ({ url, size: content.length, type, integrity: integrityOf(content) });
  assert.deepEqual(await buildManifest({ folder, baseUrl: '/media' }), {
    version: 1,
    sets: [
      {
        id: '.',
        title: 'site',
        icons: [],
        downloadTotal: 15,
        files: [file('/media/index.html', '<!doctype html>', 'text/html')],
      },
      {
        id: 'season-1',
        title: 'season-1',
        icons: [],
        downloadTotal: 11,
        files: [
          file('/media/season-1/extras/cover.png', 'cover', 'image/png'),
          file('/media/season-1/one.mp4', 'one', 'video/mp4'),
          file('/media/season-1/two.mp4', 'two', 'video/mp4'),
        ],
      },
      {
        id: 'season-2',
        title: 'season-2',
        icons: [],
        downloadTotal: 5,
        files: [
          file('/media/season-2/three.MP4', 'three', 'video/mp4'),
          file('/media/season-2/unknown.xyzzy', '', 'application/octet-stream'),
        ],
      },
    ],
  });
});

test('each file is a set, where that is asked for', async (t) => {
  const folder = await makeFolder(t, { ...SEASON, 'season-1/set.json': '{"title": "Not of one file"}' });
  const { sets } = await buildManifest({ folder, groupBy: 'file' });
  assert.deepEqual(
    sets.map(({ id, title, files }) => [id, title, files.map(({ url }) => url)]),
    [
      ['index.html', 'index.html', ['/index.html']],
      ['season-1/extras/cover.png', 'cover.png', ['/season-1/extras/cover.png']],
      ['season-1/one.mp4', 'one.mp4', ['/season-1/one.mp4']],
      ['season-1/two.mp4', 'two.mp4', ['/season-1/two.mp4']],
      ['season-2/three.MP4', 'three.MP4', ['/season-2/three.MP4']],
      ['season-2/unknown.xyzzy', 'unknown.xyzzy', ['/season-2/unknown.xyzzy']],
    ],
  );
});

test('a name without an extension has no type of its own', async (t) => {
  const folder = await makeFolder(t, { 'a/mp4': '', 'a/b.': '', 'a/c.tar.gz': '' });
  const { sets } = await buildManifest({ folder });
  assert.deepEqual(
    sets[0].files.map(({ type }) => type),
    ['application/octet-stream', 'application/gzip', 'application/octet-stream'],
  );
});

test('an empty folder has no sets', async (t) => {
  const folder = await makeFolder(t);
  assert.deepEqual(await buildManifest({ folder }), { version: 1, sets: [] });
});

test('globs choose, and a folder that is excluded goes with all that is in it', async (t) => {
  const folder = await makeFolder(t, { ...SEASON, 'season-1/set.json': '{"title": "Season 1"}' });
  const built = async (options) => urlsOf(await buildManifest({ folder, ...options }));
  const rows = [
    [{ include: ['**/*.mp4'] }, { 'season-1': ['/season-1/one.mp4', '/season-1/two.mp4'] }],
    [{ include: ['*'] }, { '.': ['/index.html'] }],
    [
      { include: ['season-2/**', 'index.*'], exclude: ['**/*.xyzzy'] },
      { '.': ['/index.html'], 'season-2': ['/season-2/three.MP4'] },
    ],
    [{ exclude: ['season-1', '*.html'] }, { 'season-2': ['/season-2/three.MP4', '/season-2/unknown.xyzzy'] }],
    [{ exclude: ['season-*/**'] }, { '.': ['/index.html'] }],
    [{ include: ['**/*.nothing'] }, {}],
  ];
  for (const [options, urls] of rows) assert.deepEqual(await built(options), urls, JSON.stringify(options));
  // A description is no file, and no glob chooses it.
  const globs = { include: ['**/*.mp4'], exclude: ['**/*.json'] };
  const { sets } = await buildManifest({ folder, ...globs });
  assert.equal(sets[0].title, 'Season 1');
});

test('in globs a backslash of a name is no separator, and upper case is not lower case', async (t) => {
  const folder = await makeFolder(t, { 'a/b\\c.txt': '', 'a/D.txt': '' });
  const built = async (glob) => urlsOf(await buildManifest({ folder, include: [glob] }));
  assert.deepEqual(await built('a/*'), { a: ['/a/D.txt', '/a/b%5Cc.txt'] });
  assert.deepEqual(await built('a/b/*'), {});
  assert.deepEqual(await built('a/d.txt'), {});
});

test('dot files, what is in dot folders, and what is no file are left out', async (t) => {
  const folder = await makeFolder(t, {
    'a/b.txt': 'b',
    'a/.hidden': '',
    '.git/config': '',
    'a/.cache/c.txt': '',
    '.env': '',
    'a/...': '',
  });
  execFileSync('mkfifo', [join(folder, 'a/pipe.mp4')]);
  const server = createServer().listen(join(folder, 'a/socket'));
  t.after(() => server.close());
  const include = ['**', '**/.*', '.git/**'];
  assert.deepEqual(urlsOf(await buildManifest({ folder, include })), { a: ['/a/b.txt'] });
});

test('set.json tells id, title and icons of its folder, and is not listed', async (t) => {
  const folder = await makeFolder(t, {
    'z/set.json': JSON.stringify({
      id: 'a first',
      title: 'First',
      icons: [
        { src: 'cover%20art.png', sizes: '64x64' },
        { src: '/logo.svg', type: 'image/svg+xml' },
        { src: 'https://elsewhere.example/icon.png' },
      ],
    }),
    'z/one.txt': '',
    'z/deep/set.json': '{"an ordinary": "file"}',
    'm/two.txt': '',
    'only/set.json': '{}',
    'set.json': '{"title": "All the rest"}',
    'rest.txt': '',
  });
  const manifest = await buildManifest({ folder, baseUrl: '/b/' });
  assert.deepEqual(urlsOf(manifest), {
    '.': ['/b/rest.txt'],
    'a first': ['/b/z/deep/set.json', '/b/z/one.txt'],
    m: ['/b/m/two.txt'],
  });
  const icons = [
    { src: '/b/z/cover%20art.png', sizes: '64x64' },
    { src: '/logo.svg', type: 'image/svg+xml' },
    { src: 'https://elsewhere.example/icon.png' },
  ];
  assert.deepEqual(
    manifest.sets.map((set) => [set.title, set.icons]),
    [
      ['All the rest', []],
      ['First', icons],
      ['m', []],
    ],
  );
  const far = await buildManifest({ folder, baseUrl: 'https://cdn.example/b' });
  assert.equal(far.sets[1].icons[0].src, 'https://cdn.example/b/z/cover%20art.png');
  assert.equal(far.sets[1].files[1].url, 'https://cdn.example/b/z/one.txt');
});

test('a set.json that is wrong is an error that names it', async (t) => {
  const rows = [
    ['{', /Cannot be read as JSON: .*a\/set\.json$/],
    ['[]', /Expected an object: .*set\.json/],
    ['null', /Expected an object/],
    ['{"id": ""}', /id: expected a string that is not empty: .*set\.json/],
    ['{"id": 5}', /id: expected/],
    ['{"title": 5}', /title: expected a string: .*set\.json/],
    ['{"icons": {}}', /icons: expected an array/],
    ['{"icons": [null]}', /icons: expected an array/],
    ['{"icons": [{"src": 5}]}', /icons: expected an array/],
    ['{"icons": [{"src": "a", "sizes": 5}]}', /icons: expected an array/],
    ['{"name": "A"}', /Expected no members but id, title, icons, not 'name': .*set\.json/],
    ['{"__proto__": {}}', /not '__proto__'/],
    ['{"icons": [{"src": "https://"}]}', /sets\[0\]\.icons\[0\]\.src: expected a URL/],
  ];
  const folder = await makeFolder(t, { 'a/b.txt': '' });
  for (const [text, message] of rows) {
    await writeFiles(folder, { 'a/set.json': text });
    await assert.rejects(buildManifest({ folder }), { message }, `${text}`);
  }
});

test('describe() is asked for each set in turn, and has the last word', async (t) => {
  const folder = await makeFolder(t, { ...SEASON, 'season-1/set.json': '{"title": "From the file"}' });
  const asked = [];
  const added = { url: '/z', size: 9, type: 'text/plain', extra: 'not known' };
  const { sets } = await buildManifest({
    folder,
    async describe(set) {
      asked.push([set.id, set.title, set.files.length, set.downloadTotal]);
      if (set.id === '.') return undefined;
      if (set.id === 'season-2') return { id: '0', title: 'Zero', icons: [{ src: 'x.png' }] };
      const files = [added, ...set.files.filter(({ url }) => url.endsWith('.mp4')).reverse()];
      set.title = 'changed in vain';
      return { files };
    },
  });
  assert.deepEqual(asked, [
    ['.', 'site', 1, 15],
    ['season-1', 'From the file', 3, 11],
    ['season-2', 'season-2', 2, 5],
  ]);
  assert.deepEqual(
    sets.map(({ id, title, downloadTotal, icons }) => [id, title, downloadTotal, icons]),
    [
      ['.', 'site', 15, []],
      ['0', 'Zero', 5, [{ src: 'x.png' }]],
      ['season-1', 'From the file', 15, []],
    ],
  );
  const urls = ['/season-1/one.mp4', '/season-1/two.mp4', '/z'];
  assert.deepEqual(
    sets[2].files.map(({ url }) => url),
    urls,
  );
  assert.deepEqual(sets[2].files[2], { url: '/z', size: 9, type: 'text/plain' });
});

test('what describe() gives is checked', async (t) => {
  const folder = await makeFolder(t, { 'a/b.txt': '' });
  const rows = [
    [{ title: 5 }, "title: expected a string: describe('a')"],
    [{ id: '' }, "id: expected a string that is not empty: describe('a')"],
    [{ icons: ['x.png'] }, "icons: expected an array of {src, sizes, type}: describe('a')"],
    [{ files: {} }, "files: expected an array of {url, size, type, integrity}: describe('a')"],
    [{ files: [null] }, "files: expected an array of {url, size, type, integrity}: describe('a')"],
    [{ files: [] }, 'sets[0].files: expected at least one file'],
    [{ files: [{ url: '/b', type: '' }] }, 'sets[0].files[0].size: expected a number'],
    [
      { files: [{ url: 'https://elsewhere.example/', size: 1, type: '' }] },
      'sets[0].files[0].url: expected a URL of http://localhost',
    ],
  ];
  for (const [said, message] of rows)
    await assert.rejects(buildManifest({ folder, describe: () => /** @type {any} */ (said) }), { message });
  const describe = () => Promise.reject(new Error('no idea'));
  await assert.rejects(buildManifest({ folder, describe }), { message: 'no idea' });
});

test('two sets with the same id are an error that names both', async (t) => {
  const folder = await makeFolder(t, { 'a/b.txt': '', 'c/d.txt': '', 'c/set.json': '{"id": "a"}' });
  await assert.rejects(buildManifest({ folder }), { message: "Two sets have the id 'a': a and c" });
});

test('options that are wrong are named', async (t) => {
  const folder = await makeFolder(t);
  const rows = [
    [{ folder: '' }, 'folder: expected a path'],
    [{ folder: undefined }, 'folder: expected a path'],
    [{ groupBy: 'set' }, "groupBy: expected 'folder' or 'file'"],
    [{ groupBy: 'toString' }, "groupBy: expected 'folder' or 'file'"],
    [{ include: '*' }, 'include: expected an array of strings that are not empty'],
    [{ exclude: [''] }, 'exclude: expected an array of strings that are not empty'],
    [{ leaveOut: [5] }, 'leaveOut: expected an array of strings that are not empty'],
    [{ cacheFile: 5 }, 'cacheFile: expected a path'],
    [{ describe: {} }, 'describe: expected a function'],
    [{ baseUrl: 'media/' }, "baseUrl: expected an absolute path or an absolute http(s) URL, not 'media/'"],
  ];
  for (const [options, message] of rows)
    await assert.rejects(buildManifest({ folder, .../** @type {any} */ (options) }), {
      name: 'TypeError',
      message,
    });
  await assert.rejects(buildManifest({ folder: join(folder, 'nothing') }), { code: 'ENOENT' });
});

/** A number of files in many folders, in an order that a seed decides. */
function scattered(seed, count) {
  const paths = Array.from({ length: count }, (_, at) => `s${at % 7}/${at % 3 ? 'Ä' : 'a'}/${at}.txt`);
  const order = paths.map((path, at) => /** @type {const} */ ([(at * seed) % count, path]));
  return Object.fromEntries(order.sort(([one], [other]) => one - other).map(([, path]) => [path, path]));
}

test('the same files give the same bytes, whatever the order and the times of their making', async (t) => {
  const folders = [await makeFolder(t), await makeFolder(t)];
  await writeFiles(folders[0], scattered(1, 101));
  await writeFiles(folders[1], scattered(37, 101), new Date('2024-01-01'));
  assert.notDeepEqual(Object.keys(scattered(1, 101)), Object.keys(scattered(37, 101)));
  const [one, other] = await Promise.all(
    folders.map(async (folder) => serializeManifest(await buildManifest({ folder }))),
  );
  assert.equal(one, other);
  assert.match(one, /^\{\n {2}"version": 1,\n {2}"sets": \[\n/);
  assert.match(one, /[^\n]\n$/);
});

test('sets and files are in the order of code units', async (t) => {
  const names = ['b', 'B', 'a', 'ä', 'z', '10', '9', '\u{1f600}', '\uff5e', 'a b', 'a-b'];
  const files = names.flatMap((name) => [
    [`${name}/f`, ''],
    [`x/${name}`, ''],
  ]);
  const folder = await makeFolder(t, Object.fromEntries(files));
  const { sets } = await buildManifest({ folder });
  const ids = ['10', '9', 'B', 'a', 'a b', 'a-b', 'b', 'x', 'z', 'ä', '\u{1f600}', '\uff5e'];
  assert.deepEqual(
    sets.map(({ id }) => id),
    ids,
  );
  const urls = sets.find(({ id }) => id === 'x').files.map(({ url }) => url);
  assert.deepEqual(urls, [...urls].sort());
  assert.equal(urls.length, names.length);
});

test('a file that changes while it is read is an error that names it', async (t) => {
  const folder = await makeFolder(t, { 'large.bin': Buffer.alloc(60e6), 'small.bin': 'small' });
  const versionOf = (name) => stat(join(folder, name), { bigint: true });
  const large = join(folder, 'large.bin');
  const version = await versionOf('large.bin');
  assert.equal(await hashFile(large, version), integrityOf(Buffer.alloc(60e6)));
  const changed = { message: `The file has changed while it was read: ${large}` };
  const grows = assert.rejects(hashFile(large, version), changed);
  await appendFile(large, 'more');
  await grows;
  await assert.rejects(hashFile(large, version), changed);

  const small = join(folder, 'small.bin');
  const before = await versionOf('small.bin');
  assert.equal(await hashFile(small, before), integrityOf('small'));
  for (const size of [4n, 6n])
    await assert.rejects(hashFile(small, { ...before, size }), { message: /changed.*small\.bin/ });
  // Its size stays the same.
  await utimes(small, new Date(), new Date());
  await assert.rejects(hashFile(small, before), { message: /changed.*small\.bin/ });
  await rm(small);
  await assert.rejects(hashFile(small, before), { code: 'ENOENT' });
});

test('ten thousand files are listed in seconds', async (t) => {
  const folder = await makeFolder(t);
  const COUNT = 10_000;
  const making = `const fs = require('node:fs');
    for (let at = 0; at < 100; at++) fs.mkdirSync('s' + at);
    for (let at = 0; at < ${COUNT}; at++) fs.writeFileSync('s' + (at % 100) + '/' + at + '.txt', String(at));`;
  execFileSync(process.execPath, ['-e', making], { cwd: folder });
  const begin = process.cpuUsage();
  const manifest = await buildManifest({ folder });
  // Of the processor, for others may use the machine.
  const { user, system } = process.cpuUsage(begin);
  const seconds = (user + system) / 1e6;
  assert.equal(manifest.sets.length, 100);
  assert.equal(manifest.sets.flatMap(({ files }) => files).length, COUNT);
  assert.equal(
    manifest.sets.find(({ id }) => id === 's42').files.find(({ url }) => url === '/s42/742.txt').integrity,
    integrityOf('742'),
  );
  assert.ok(seconds < 10, `${seconds} s`);
});

test('what is built is what the schema and the workers take, and what they do not take is not valid', async (t) => {
  const schema = JSON.parse(
    await readFile(new URL('../../src/manifest/manifest.schema.json', import.meta.url), 'utf8'),
  );
  const validate = new Ajv2020({ strict: true, allErrors: true }).compile(schema);
  const folder = await makeFolder(t, {
    ...SEASON,
    'a#b?c%d.txt': 'x',
    'season-1/set.json': '{"icons": [{"src": "a.png", "sizes": "1x1", "type": "image/png"}]}',
  });
  const built = [
    await buildManifest({ folder }),
    await buildManifest({ folder, groupBy: 'file' }),
    await buildManifest({ folder, baseUrl: 'https://app.example/media' }),
    await buildManifest({ folder, include: ['nothing'] }),
  ];
  for (const manifest of built) {
    assert.ok(validate(manifest), JSON.stringify(validate.errors));
    const taken = checkManifest(manifest, 'https://app.example/manifest.json');
    assert.equal(taken.sets.length, manifest.sets.length);
  }
  const [{ sets }] = built;
  assert.ok(validate({ version: 1, newer: 1, sets: [{ ...sets[0], newer: 1 }] }));
  assert.ok(validate({ version: 1, sets: [{ id: 'a', files: sets[0].files }] }));
  const [set] = sets;
  const [file] = set.files;
  const inSet = (changes) => ({ version: 1, sets: [{ ...set, ...changes }] });
  const inFile = (changes) => inSet({ files: [{ ...file, ...changes }] });
  const broken = [
    null,
    [],
    {},
    { version: 1 },
    { version: 2, sets },
    { version: '1', sets },
    { version: 1, sets: {} },
    { version: 1, sets: [null] },
    inSet({ id: '' }),
    inSet({ id: 5 }),
    inSet({ title: 5 }),
    inSet({ icons: {} }),
    inSet({ icons: [{}] }),
    inSet({ icons: [{ src: 'a', sizes: 5 }] }),
    inSet({ files: [] }),
    inSet({ files: {} }),
    inFile({ url: 5 }),
    inFile({ size: -1 }),
    inFile({ size: 0.5 }),
    inFile({ size: '5' }),
    inFile({ size: 2 ** 53 }),
    inFile({ type: 5 }),
    inFile({ type: 'a\nb' }),
    inFile({ integrity: 'md5-AAAA' }),
    inFile({ integrity: '' }),
  ];
  for (const value of broken) {
    assert.equal(validate(value), false, JSON.stringify(value));
    assert.throws(() => checkManifest(value, 'http://localhost/'), TypeError, JSON.stringify(value));
  }
  for (const name of ['url', 'size', 'type']) assert.equal(validate(inFile({ [name]: undefined })), false);
});
