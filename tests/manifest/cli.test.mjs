import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile, stat, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildManifest, serializeManifest } from '../../src/manifest/index.js';
import { makeFolder, urlsOf, writeFiles } from './folders.mjs';

const CLI = fileURLToPath(new URL('../../src/manifest/cli.js', import.meta.url));
const FILES = { 'a/one.txt': 'one', 'a/two.bin': 'two', 'b/three.txt': 'three' };

/** @returns {Promise<{ code: number, stdout: string, stderr: string }>} */
function run(args, cwd = undefined) {
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...args], { cwd }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

test('the manifest goes to the standard output, and nothing else does', async (t) => {
  const folder = await makeFolder(t, FILES);
  const expected = serializeManifest(await buildManifest({ folder }));
  assert.deepEqual(await run([folder]), { code: 0, stdout: expected, stderr: '' });
  assert.deepEqual(await run(['site/'], join(folder, '..')), { code: 0, stdout: expected, stderr: '' });
});

test('every option does what the one of buildManifest() does', async (t) => {
  const folder = await makeFolder(t, FILES);
  const printed = async (...args) => urlsOf(JSON.parse((await run([folder, ...args])).stdout));
  assert.deepEqual(await printed('--base-url', '/media', '--include', 'a/*', '--include', 'b/*'), {
    a: ['/media/a/one.txt', '/media/a/two.bin'],
    b: ['/media/b/three.txt'],
  });
  assert.deepEqual(await printed('--exclude', '**/*.bin', '--exclude=b', '--group-by', 'file'), {
    'a/one.txt': ['/a/one.txt'],
  });
  const cache = join(folder, '../cache.json');
  await printed('--cache', cache);
  assert.deepEqual(Object.keys(JSON.parse(await readFile(cache, 'utf8')).files), Object.keys(FILES));
});

test('the output file is written as a whole, and is not in its own manifest', async (t) => {
  const folder = await makeFolder(t, FILES);
  const out = join(folder, 'a/manifest.json');
  const expected = serializeManifest(await buildManifest({ folder }));
  for (let at = 0; at < 2; at += 1) {
    const before = await stat(out).catch(() => undefined);
    assert.deepEqual(await run([folder, '--out', out]), { code: 0, stdout: '', stderr: '' });
    assert.equal(await readFile(out, 'utf8'), expected);
    assert.notEqual((await stat(out)).ino, before?.ino);
  }
  // Also by a path that is another one, and where the folder is not there yet.
  await symlink(folder, join(folder, '../link'));
  assert.equal((await run([folder, '--out', '../link/a/manifest.json'], folder)).code, 0);
  assert.equal(await readFile(out, 'utf8'), expected);
  assert.equal((await run([folder, '--out', join(folder, 'new/manifest.json')])).code, 0);
  assert.deepEqual((await readdir(folder)).sort(), ['a', 'b', 'new']);
  assert.deepEqual((await readdir(join(folder, 'a'))).sort(), ['manifest.json', 'one.txt', 'two.bin']);
});

test('what fails is told on the standard error, and leaves the file that was there', async (t) => {
  const folder = await makeFolder(t, FILES);
  const out = join(folder, 'manifest.json');
  await writeFiles(folder, { 'manifest.json': 'as it was' });
  await symlink('/', join(folder, 'a/link'));
  assert.deepEqual(await run([folder, '--out', out]), {
    code: 1,
    stdout: '',
    stderr: 'background-fetch-manifest: A symbolic link leads out of the folder: a/link\n',
  });
  assert.equal(await readFile(out, 'utf8'), 'as it was');
  const missing = await run([join(folder, 'missing')]);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /^background-fetch-manifest: ENOENT.*missing'\n$/);
  assert.equal((await run([folder, '--exclude', 'a/link', '--out', join(folder, 'b')])).code, 1);
});

test('wrong usage is another exit code, with the help', async (t) => {
  const folder = await makeFolder(t, FILES);
  const rows = [
    [[], /: Expected one folder\.\n/],
    [[folder, folder], /: Expected one folder\.\n/],
    [[''], /: folder: expected a path\n/],
    [[folder, '--bse-url', '/'], /: Unknown option '--bse-url'/],
    [[folder, '--group-by', 'set'], /: groupBy: expected 'folder' or 'file'\n/],
    [[folder, '--base-url', 'media'], /: baseUrl: expected an absolute path/],
    [[folder, '--base-url'], /: Option '--base-url <value>' argument missing\n/],
    [[folder, '--include', ''], /: include: expected/],
    [[folder, '--out', ''], /: out: expected a path\n/],
    [[folder, '--help=yes'], /: Option '--help' does not take an argument\n/],
  ];
  for (const [args, message] of /** @type {[string[], RegExp][]} */ (rows)) {
    const { code, stdout, stderr } = await run(args);
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' }, args.join(' '));
    assert.match(stderr, message);
    assert.match(stderr, /\n\nUsage: background-fetch-manifest <folder> \[options\]\n/);
  }
});

test('help and version are told', async () => {
  const { version, bin } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.deepEqual(await run(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
  const { code, stdout, stderr } = await run(['--help']);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  for (const option of ['base-url', 'group-by', 'include', 'exclude', 'cache', 'out', 'help', 'version'])
    assert.match(stdout, new RegExp(`--${option}\\b`));
  assert.equal(basename(bin['background-fetch-manifest']), basename(CLI));
});

test('a reader that has enough ends the program without a trace', async (t) => {
  const files = Array.from({ length: 2000 }, (_, at) => [`a/${at}-${'long '.repeat(20)}`, '']);
  const folder = await makeFolder(t, Object.fromEntries(files));
  const script = '"$0" "$1" "$2" | head -c 10';
  const piped = await new Promise((resolve) => {
    execFile('sh', ['-c', script, process.execPath, CLI, folder], (error, stdout, stderr) =>
      resolve({ error, stdout, stderr }),
    );
  });
  assert.deepEqual(piped, { error: null, stdout: '{\n  "versi', stderr: '' });
});
