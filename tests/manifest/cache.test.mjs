import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mock, test } from 'node:test';
import { buildManifest } from '../../src/manifest/index.js';
import { KnownHashes } from '../../src/manifest/known-hashes.js';
import { ManifestBuilder } from '../../src/manifest/manifest-builder.js';
import { placeOf, writeWholeFile } from '../../src/manifest/whole-file.js';
import { integrityOf, makeFolder, urlsOf, writeFiles } from './folders.mjs';

const FILES = { 'a/one.txt': 'one', 'a/two.txt': 'two' };
const SETTLED = { size: 3n, mtimeNs: 1n };

test('a file is hashed again where its size or its time has changed', async () => {
  let count = 0;
  const hash = async () => `sha256-${(count += 1)}`;
  const hashes = new KnownHashes();
  const ask = async (version) => {
    const integrity = await hashes.integrityOf('a', version, hash);
    hashes.settle();
    return integrity;
  };
  assert.equal(await ask(SETTLED), 'sha256-1');
  assert.equal(await ask(SETTLED), 'sha256-1');
  assert.equal(await ask({ ...SETTLED, size: 4n }), 'sha256-2');
  assert.equal(await ask({ size: 4n, mtimeNs: 2n }), 'sha256-3');
  assert.equal(await ask({ size: 4n, mtimeNs: 2n }), 'sha256-3');
  assert.equal(count, 3);
  // Nobody has asked for it in between.
  hashes.settle();
  assert.equal(await ask({ size: 4n, mtimeNs: 2n }), 'sha256-4');
});

test('the hash of a file that was just written is not kept, for it may be written again in the same moment', async () => {
  const now = BigInt(Date.now()) * 1_000_000n;
  for (const [mtimeNs, expected] of [
    [now, 2],
    [now + 3_600_000_000_000n, 2],
    [now - 10_000_000_000n, 1],
  ]) {
    const hash = mock.fn(async () => 'sha256-a');
    const hashes = new KnownHashes();
    for (let at = 0; at < 2; at += 1) {
      await hashes.integrityOf('a', { size: 1n, mtimeNs: BigInt(mtimeNs) }, hash);
      hashes.settle();
    }
    assert.equal(hash.mock.callCount(), expected);
  }
});

test('with a cache file only what has changed is read, and the manifest is the same', async (t) => {
  const folder = await makeFolder(t, FILES);
  const cacheFile = join(folder, '../cache/hashes.json');
  const first = await buildManifest({ folder, cacheFile });
  assert.deepEqual(first, await buildManifest({ folder }));

  const cache = JSON.parse(await readFile(cacheFile, 'utf8'));
  const { size, mtimeNs } = await stat(join(folder, 'a/one.txt'), { bigint: true });
  assert.deepEqual(cache.files['a/one.txt'], [`${size}`, `${mtimeNs}`, integrityOf('one')]);
  assert.deepEqual(Object.keys(cache.files), ['a/one.txt', 'a/two.txt']);

  // What is not read cannot be known to be wrong.
  const marked = integrityOf('not read');
  cache.files['a/one.txt'][2] = marked;
  cache.files['a/two.txt'][2] = marked;
  await writeFile(cacheFile, JSON.stringify(cache));
  await writeFiles(folder, { 'a/two.txt': 'TWO' }, new Date('2021-01-01'));
  await writeFiles(folder, { 'a/three.txt': 'three' });
  const { sets } = await buildManifest({ folder, cacheFile });
  assert.deepEqual(
    sets[0].files.map(({ url, integrity }) => [url, integrity]),
    [
      ['/a/one.txt', marked],
      ['/a/three.txt', integrityOf('three')],
      ['/a/two.txt', integrityOf('TWO')],
    ],
  );
});

test('a cache file that is damaged, of another version or missing is made anew', async (t) => {
  const folder = await makeFolder(t, FILES);
  const cacheFile = join(folder, '../cache.json');
  const expected = await buildManifest({ folder, cacheFile });
  const whole = await readFile(cacheFile, 'utf8');
  const entry = JSON.parse(whole).files['a/one.txt'];
  const entries = [[], 'x', [entry[0], entry[1], 5], [entry[0], entry[1], 'md5-x'], [...entry, 'more'], null];
  const damaged = [
    '',
    '{',
    'null',
    '[]',
    '{"version": 1}',
    '{"version": 1, "files": null}',
    whole.replace('"version":1', '"version":2').replaceAll('sha256-', 'sha256-wrong'),
    ...entries.map((wrong) => JSON.stringify({ version: 1, files: { 'a/one.txt': wrong } })),
  ];
  for (const text of damaged) {
    await writeFile(cacheFile, text);
    assert.deepEqual(await buildManifest({ folder, cacheFile }), expected, text);
    assert.equal(await readFile(cacheFile, 'utf8'), whole, text);
  }
});

test('a cache file that lies in the folder is not listed', async (t) => {
  const folder = await makeFolder(t, FILES);
  const cacheFile = join(folder, 'a/hashes.json');
  const expected = { a: ['/a/one.txt', '/a/two.txt'] };
  for (let at = 0; at < 2; at += 1)
    assert.deepEqual(urlsOf(await buildManifest({ folder, cacheFile })), expected);
  assert.deepEqual((await readdir(join(folder, 'a'))).sort(), ['hashes.json', 'one.txt', 'two.txt']);
});

test('a builder that builds again hashes what has changed', async (t) => {
  const folder = await makeFolder(t, FILES);
  const builder = new ManifestBuilder({ folder });
  const first = await builder.build();
  const { mtime } = await stat(join(folder, 'a/two.txt'));
  // Neither its size nor its time tells.
  await writeFiles(folder, { 'a/two.txt': 'TWO' }, mtime);
  assert.deepEqual(await builder.build(), first);
  await writeFiles(folder, { 'a/two.txt': 'TWO' }, new Date('2021-01-01'));
  const { sets } = await builder.build();
  assert.equal(sets[0].files[1].integrity, integrityOf('TWO'));
});

test('a file is written as a whole or not at all', async (t) => {
  const folder = await makeFolder(t);
  const file = join(folder, 'deep/er/file.json');
  await writeWholeFile(file, 'one');
  const before = await stat(file);
  await writeWholeFile(file, 'two');
  assert.equal(await readFile(file, 'utf8'), 'two');
  // Another file has taken its place.
  assert.notEqual((await stat(file)).ino, before.ino);
  // There is a folder in its place.
  await assert.rejects(writeWholeFile(join(folder, 'deep'), 'three'));
  assert.deepEqual(await readdir(folder), ['deep']);
  assert.deepEqual(await readdir(join(folder, 'deep/er')), ['file.json']);
  assert.equal(await placeOf(join(folder, 'missing/file')), join(folder, 'missing/file'));
});
