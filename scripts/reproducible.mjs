/** `npm run test:reproducible`: builds the last commit in two folders, and compares every byte of the package. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { ensureNpmPackages, ensureWasmToolchain } from './setup.mjs';
import { ROOT, TOOLS } from './setup/run.mjs';

/** Of different lengths: a path that gets into a file may only move what comes after it. */
const FOLDERS = ['a', 'b-with-a-longer-name/and-deeper'];

function build(folder) {
  const run = (command, ...args) => execFileSync(command, args, { cwd: folder, stdio: 'inherit' });
  execFileSync('git', ['clone', '--quiet', ROOT, folder]);
  cpSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  run('mkdir', 'target');
  symlinkSync(TOOLS, join(folder, 'target/tools'));
  run(process.execPath, 'scripts/build.mjs');
  return join(folder, 'pkg');
}

/** @param {string[]} folders the packages of the two */
function compare([one, other]) {
  const namesIn = (folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const names = [...new Set([...namesIn(one), ...namesIn(other)])].sort();
  const read = (folder, name) => {
    try {
      return readFileSync(join(folder, name));
    } catch {
      // Or it is a folder, in both.
      return Buffer.from('It is missing.');
    }
  };
  return names.filter((name) => !read(one, name).equals(read(other, name)));
}

ensureNpmPackages();
ensureWasmToolchain();
const workshop = mkdtempSync(join(tmpdir(), 'reproducible-'));
try {
  const differing = compare(FOLDERS.map((name) => build(join(workshop, name))));
  for (const name of differing) console.log(`FAILED: pkg/${name} differs between two builds`);
  if (differing.length > 0) process.exitCode = 1;
  else console.log('Both builds gave the same bytes.');
} finally {
  rmSync(workshop, { recursive: true, force: true });
}
