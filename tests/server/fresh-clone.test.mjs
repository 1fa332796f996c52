import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ROOT } from '../../scripts/setup/run.mjs';

const CODE = ['bench', 'scripts', 'src', 'tests', 'package.json'];

/** The commands install npm's packages themselves, so that nothing they import at the beginning may be one. */
describe('in a clone where nothing is installed', () => {
  let clone;

  before(async () => {
    clone = await mkdtemp(join(tmpdir(), 'bed-clone-'));
    const filter = (path) => !path.includes('node_modules');
    for (const name of CODE) await cp(join(ROOT, name), join(clone, name), { recursive: true, filter });
  });
  after(() => rm(clone, { recursive: true, force: true }));

  test('npm test gets as far as its arguments', () => {
    const args = ['scripts/test.mjs', 'no-such-suite'];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: clone, encoding: 'utf8' });
    assert.match(stderr, /^There is no suite no-such-suite/);
    assert.equal(status, 2);
  });

  test('npm start finds its setup', () => {
    const args = ['--input-type=module', '--eval', "await import('./scripts/setup.mjs')"];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: clone, encoding: 'utf8' });
    assert.equal(stderr, '');
    assert.equal(status, 0);
  });
});
