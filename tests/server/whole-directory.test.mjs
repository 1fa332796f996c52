import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { putWholeDirectory } from '../../scripts/whole-directory.mjs';

const FILES = ['first', 'second', 'third'];

describe('a directory that is put in place as a whole', () => {
  let workshop;
  let target;
  const readAll = () =>
    Promise.all(FILES.map((name) => readFile(join(target, name), 'utf8').catch(() => null)));
  const isOf = (version) => async () => (await readAll()).every((content) => content === version);
  const write = (directory, version, names = FILES) =>
    Promise.all(names.map((name) => writeFile(join(directory, name), version)));
  const put = (version, fill) =>
    putWholeDirectory(target, {
      workshop,
      upToDate: isOf(version),
      fill: fill ?? ((directory) => write(directory, version)),
    });

  beforeEach(async () => {
    workshop = await mkdtemp(join(tmpdir(), 'bed-whole-'));
    target = join(workshop, 'files');
  });
  afterEach(() => rm(workshop, { recursive: true, force: true }));

  test('is made once', async () => {
    assert.equal(await put('1'), true);
    assert.equal(await put('1', () => assert.fail('It is up to date.')), false);
    assert.deepEqual(await readAll(), ['1', '1', '1']);
  });

  test('takes the place of an older one and leaves nothing behind', async () => {
    await put('1');
    await writeFile(join(target, 'fourth'), 'of old');
    await put('2');
    assert.deepEqual(await readdir(target), [...FILES].sort());
    assert.deepEqual(await readAll(), ['2', '2', '2']);
    assert.deepEqual(await readdir(workshop), ['files']);
  });

  test('goes into a place that is empty', async () => {
    await mkdir(target);
    await put('1');
    assert.deepEqual(await readAll(), ['1', '1', '1']);
  });

  test('stays whole while another process makes it too', async () => {
    const ends = new EventTarget();
    const slow = put('1', async (directory) => {
      await write(directory, '1', FILES.slice(0, 1));
      await once(ends, 'go');
      await write(directory, '1');
    });
    await put('1');
    const untouched = await readFile(join(target, 'first'), 'utf8');
    assert.equal(untouched, '1');
    ends.dispatchEvent(new Event('go'));
    await slow;
    assert.deepEqual(await readAll(), ['1', '1', '1']);
    assert.equal(await put('1', () => assert.fail('It is up to date.')), false);
    assert.deepEqual(await readdir(workshop), ['files']);
  });

  test('stays as it was if the files cannot be made', async () => {
    await put('1');
    await assert.rejects(
      put('2', () => Promise.reject(new Error('no space'))),
      /no space/,
    );
    assert.deepEqual(await readAll(), ['1', '1', '1']);
    assert.deepEqual(await readdir(workshop), ['files']);
  });
});
