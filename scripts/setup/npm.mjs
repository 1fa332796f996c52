import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runQuietly } from './run.mjs';

function packagesOf(lockFile) {
  return JSON.parse(readFileSync(join(ROOT, lockFile), 'utf8')).packages;
}

/** npm keeps in node_modules a list of what it has put there. */
function isComplete() {
  let installed;
  try {
    installed = packagesOf('node_modules/.package-lock.json');
  } catch {
    return false;
  }
  return Object.entries(packagesOf('package-lock.json')).every(
    ([path, { optional, integrity }]) =>
      path === '' || (optional && !installed[path]) || installed[path]?.integrity === integrity,
  );
}

/** Runs `npm ci` unless node_modules has just what package-lock.json lists. */
export function ensureNpmPackages() {
  if (isComplete()) return;
  console.log('Installing the npm packages');
  runQuietly('npm', ['ci', '--no-audit', '--no-fund']);
}
