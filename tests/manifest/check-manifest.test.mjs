import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkManifest, parseManifest } from '../../src/storage-manager/check-manifest.js';

const URL_OF_MANIFEST = 'https://app.example/media/manifest.json';
const INTEGRITY = 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';

/** @returns {any} */
const file = (changes = {}) => ({
  url: 'a.mp4',
  size: 5,
  type: 'video/mp4',
  integrity: INTEGRITY,
  ...changes,
});
/** @returns {any} */
const set = (changes = {}) => ({ id: 'a', title: 'A', icons: [], files: [file()], ...changes });
/** @returns {any} */
const manifest = (...sets) => ({ version: 1, sets });
const withFile = (changes) => manifest(set({ files: [file(changes)] }));
const withIcon = (icon) => manifest(set({ icons: [icon] }));

const checked = (value) => checkManifest(value, URL_OF_MANIFEST);
const urlOf = (url) => checked(withFile({ url })).sets[0].files[0].url;

/** Every row: what is refused, with the whole message. */
function assertRefused(rows) {
  for (const [value, message] of rows)
    assert.throws(
      () => checked(value),
      { name: 'TypeError', message },
      `${JSON.stringify(value)} ${message}`,
    );
}

test('a manifest is given with its known members, absolute URLs and sums', () => {
  const value = {
    version: 1,
    newer: true,
    sets: [
      {
        id: 'a',
        title: 'A',
        icons: [{ src: '/icon.png', sizes: '64x64', type: 'image/png', newer: 1 }, { src: 'x.svg' }],
        downloadTotal: 3,
        newer: 1,
        files: [
          { url: 'b c.mp4#t=10', size: 5, type: 'video/mp4', integrity: INTEGRITY, newer: 1 },
          { url: '/d?x=1', size: 0, type: '' },
        ],
      },
      { id: 'b', files: [{ url: '../e', size: 7, type: 'text/plain' }] },
    ],
  };
  assert.deepEqual(checked(value), {
    version: 1,
    sets: [
      {
        id: 'a',
        title: 'A',
        icons: [
          { src: 'https://app.example/icon.png', sizes: '64x64', type: 'image/png' },
          { src: 'https://app.example/media/x.svg' },
        ],
        downloadTotal: 5,
        files: [
          {
            url: 'https://app.example/media/b%20c.mp4',
            size: 5,
            type: 'video/mp4',
            integrity: INTEGRITY,
          },
          { url: 'https://app.example/d?x=1', size: 0, type: '' },
        ],
      },
      {
        id: 'b',
        title: 'b',
        icons: [],
        downloadTotal: 7,
        files: [{ url: 'https://app.example/e', size: 7, type: 'text/plain' }],
      },
    ],
  });
  assert.deepEqual(checked({ version: 1, sets: [] }), { version: 1, sets: [] });
});

test('what is given shares nothing with what came', () => {
  const value = withIcon({ src: 'icon.png' });
  const { sets } = checked(value);
  value.sets[0].files[0].size = 'changed';
  value.sets[0].icons.push('changed');
  value.sets.push('changed');
  assert.equal(sets.length, 1);
  assert.equal(sets[0].icons.length, 1);
  assert.equal(sets[0].files[0].size, 5);
});

test('what is no manifest is refused', () => {
  assertRefused([
    [null, 'the manifest: expected an object'],
    [undefined, 'the manifest: expected an object'],
    ['{}', 'the manifest: expected an object'],
    [[], 'the manifest: expected an object'],
    [{}, 'version: expected 1'],
    [{ version: '1', sets: [] }, 'version: expected 1'],
    [{ version: 2, sets: [] }, 'version: expected 1'],
    [{ version: 1 }, 'sets: expected an array'],
    [{ version: 1, sets: {} }, 'sets: expected an array'],
    [{ version: 1, sets: { length: 1, 0: set() } }, 'sets: expected an array'],
  ]);
});

test('sets are refused by the member that is wrong', () => {
  assertRefused([
    [manifest(null), 'sets[0]: expected an object'],
    [manifest(set(), []), 'sets[1]: expected an object'],
    [manifest('a'), 'sets[0]: expected an object'],
    [manifest(set({ id: undefined })), 'sets[0].id: expected a string'],
    [manifest(set({ id: 5 })), 'sets[0].id: expected a string'],
    [manifest(set({ id: '' })), 'sets[0].id: expected a string that is not empty'],
    [manifest(set(), set()), "sets[1].id: 'a' is taken by sets[0]"],
    [manifest(set({ title: 5 })), 'sets[0].title: expected a string'],
    [manifest(set({ title: null })), 'sets[0].title: expected a string'],
    [manifest(set({ icons: {} })), 'sets[0].icons: expected an array'],
    [manifest(set({ icons: null })), 'sets[0].icons: expected an array'],
    [manifest(set({ files: undefined })), 'sets[0].files: expected an array'],
    [manifest(set({ files: { 0: file(), length: 1 } })), 'sets[0].files: expected an array'],
    [manifest(set({ files: 'files' })), 'sets[0].files: expected an array'],
    [manifest(set({ files: [] })), 'sets[0].files: expected at least one file'],
    [manifest(set({ files: [file(), null] })), 'sets[0].files[1]: expected an object'],
    [manifest(set({ files: [['a', 1]] })), 'sets[0].files[0]: expected an object'],
  ]);
});

test('icons are refused by the member that is wrong', () => {
  assertRefused([
    [withIcon('icon.png'), 'sets[0].icons[0]: expected an object'],
    [withIcon({}), 'sets[0].icons[0].src: expected a string'],
    [withIcon({ src: 'https://' }), 'sets[0].icons[0].src: expected a URL'],
    [withIcon({ src: 'javascript:alert(1)' }), 'sets[0].icons[0].src: expected a URL'],
    [withIcon({ src: 'icon.png', sizes: 64 }), 'sets[0].icons[0].sizes: expected a string'],
    [withIcon({ src: 'icon.png', type: null }), 'sets[0].icons[0].type: expected a string'],
  ]);
  const srcOf = (src) => checked(withIcon({ src })).sets[0].icons[0].src;
  assert.equal(srcOf('data:image/png;base64,AA=='), 'data:image/png;base64,AA==');
  assert.equal(srcOf('https://elsewhere.example/icon.png'), 'https://elsewhere.example/icon.png');
});

test('files are refused by the member that is wrong', () => {
  const size = 'sets[0].files[0].size: expected';
  const integrity = 'sets[0].files[0].integrity: expected integrity metadata';
  assertRefused([
    ...[undefined, null, '5', true, [5]].map((wrong) => [withFile({ size: wrong }), `${size} a number`]),
    ...[-1, 0.5, NaN, Infinity, 2 ** 53].map((wrong) => [
      withFile({ size: wrong }),
      `${size} a whole number of bytes`,
    ]),
    [withFile({ type: undefined }), 'sets[0].files[0].type: expected a string'],
    [withFile({ type: ['text/html'] }), 'sets[0].files[0].type: expected a string'],
    ...['a\nb', 'a\r', '\0', 'a\x7f', '\x85'].map((type) => [
      withFile({ type }),
      'sets[0].files[0].type: expected no control characters',
    ]),
    ...[
      '',
      'sha256-',
      'sha1-AAAA',
      'SHA256-AAAA',
      'sha256-AA AA',
      'sha256-AAAA===',
      'sha256-AAAA\n',
      'x',
    ].map((wrong) => [withFile({ integrity: wrong }), integrity]),
    [withFile({ integrity: null }), 'sets[0].files[0].integrity: expected a string'],
    [withFile({ integrity: [INTEGRITY] }), 'sets[0].files[0].integrity: expected a string'],
  ]);
  assert.equal(checked(withFile({ size: 2 ** 53 - 1 })).sets[0].downloadTotal, 2 ** 53 - 1);
  const right = ['sha384-AAAA', 'sha512-AA==', 'sha256-+/A='];
  for (const value of right)
    assert.equal(checked(withFile({ integrity: value })).sets[0].files[0].integrity, value);
});

test('a sum that no number tells exactly is refused', () => {
  const files = [file({ size: 2 ** 53 - 1 }), file({ url: 'b', size: 1 })];
  assertRefused([[manifest(set({ files })), 'sets[0].files[1].size: the sum of the sizes is too large']]);
});

test('the URLs of files are http(s) URLs of the origin of the manifest', () => {
  const path = 'sets[0].files[0].url';
  const elsewhere = `${path}: expected a URL of https://app.example`;
  const none = `${path}: expected a URL`;
  assertRefused([
    [withFile({ url: undefined }), `${path}: expected a string`],
    [withFile({ url: 5 }), `${path}: expected a string`],
    [withFile({ url: { href: 'a' } }), `${path}: expected a string`],
    [withFile({ url: 'https://' }), none],
    [withFile({ url: 'javascript:alert(1)' }), none],
    [withFile({ url: ' java\nscript:alert(1)' }), none],
    [withFile({ url: 'data:text/plain,a' }), none],
    // Its origin is that of the manifest.
    [withFile({ url: 'blob:https://app.example/5d7c' }), none],
    [withFile({ url: 'file:///etc/passwd' }), none],
    [withFile({ url: 'https://elsewhere.example/a' }), elsewhere],
    [withFile({ url: '//elsewhere.example/a' }), elsewhere],
    [withFile({ url: '\\\\elsewhere.example/a' }), elsewhere],
    [withFile({ url: 'http://app.example/a' }), elsewhere],
    [withFile({ url: 'https://app.example:8443/a' }), elsewhere],
    [withFile({ url: 'https://app.example.evil.example/a' }), elsewhere],
    [withFile({ url: 'https://app.example@evil.example/a' }), elsewhere],
    [withFile({ url: 'https://user@app.example/a' }), `${path}: expected no credentials`],
    [withFile({ url: 'https://:secret@app.example/a' }), `${path}: expected no credentials`],
  ]);
  assert.equal(urlOf('https://app.example:443/a'), 'https://app.example/a');
  assert.equal(urlOf('/a?b#c'), 'https://app.example/a?b');
  assert.equal(urlOf('%23%3F%25 ü'), 'https://app.example/media/%23%3F%25%20%C3%BC');
});

test('dot segments are resolved by the URL parser, also coded ones, and end at the root', () => {
  assert.equal(urlOf('../../../a'), 'https://app.example/a');
  assert.equal(urlOf('%2e%2e/a'), 'https://app.example/a');
  assert.equal(urlOf('.%2E/%2e/b/..\\a'), 'https://app.example/a');
  assert.equal(urlOf('..%2fa'), 'https://app.example/media/..%2fa');
});

test('a URL is in a set once, and may be in several', () => {
  const twice = 'sets[0].files[1].url: is in the set already';
  for (const url of ['a.mp4', 'a.mp4#x', './a.mp4', '/media/a.mp4', '%2e/a.mp4'])
    assertRefused([[manifest(set({ files: [file(), file({ url })] })), twice]]);
  assert.equal(checked(manifest(set(), set({ id: 'b' }))).sets.length, 2);
});

test('names of built-in members are names like others', () => {
  const text = `{"__proto__": {"version": 1, "sets": []}}`;
  assert.throws(() => parseManifest(text, URL_OF_MANIFEST), { message: 'version: expected 1' });
  const inSet = `{"version": 1, "__proto__": {"evil": 1}, "sets": [
    {"id": "__proto__", "__proto__": {"title": "evil", "files": []}, "files": [
      {"url": "__proto__", "size": 1, "type": "", "__proto__": {"integrity": "evil"}}]},
    {"id": "constructor", "files": [{"url": "constructor", "size": 1, "type": ""}]}]}`;
  const { sets, ...others } = /** @type {any} */ (parseManifest(inSet, URL_OF_MANIFEST));
  assert.equal(others.evil, undefined);
  assert.deepEqual(
    sets.map(({ id, title, files }) => [id, title, files[0].url, files[0].integrity]),
    [
      ['__proto__', '__proto__', 'https://app.example/media/__proto__', undefined],
      ['constructor', 'constructor', 'https://app.example/media/constructor', undefined],
    ],
  );
  assert.equal(/** @type {any} */ ({}).evil, undefined);
});

test('more than 100,000 files in all are refused before they are looked at', () => {
  const files = (count) => Array.from({ length: count }, (_, at) => file({ url: `${at}` }));
  const half = files(50_000);
  const most = manifest(set({ files: half }), set({ id: 'b', files: half }));
  assert.equal(checked(most).sets[1].files.length, 50_000);
  most.sets.push(set({ id: 'c', files: [null] }));
  assertRefused([[most, 'sets[2].files: more than 100000 files in all']]);
  assertRefused([
    [manifest(set({ files: new Array(100_001).fill(null) })), 'sets[0].files: more than 100000 files in all'],
  ]);
});

test('text that is no JSON is refused by the URL that it came from', () => {
  for (const text of ['<!doctype html><title>Not found</title>', '', '{"version": 1, "sets": [', 'undefined'])
    assert.throws(() => parseManifest(text, URL_OF_MANIFEST), {
      name: 'TypeError',
      message: `${URL_OF_MANIFEST}: the manifest is not JSON`,
    });
  const text = JSON.stringify(manifest(set()));
  assert.deepEqual(parseManifest(text, new URL(URL_OF_MANIFEST)), checked(manifest(set())));
  assert.throws(() => parseManifest('null', URL_OF_MANIFEST), {
    message: 'the manifest: expected an object',
  });
});
