import process from 'node:process';
import { findProgram, outputOf, runQuietly } from './run.mjs';

/** Debian and its relatives, as root. */
export function mayUseApt() {
  return process.getuid?.() === 0 && findProgram('apt-get') !== null;
}

function apt(...args) {
  runQuietly('apt-get', args, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}

let listsAreFetched = false;

function fetchLists() {
  if (listsAreFetched) return;
  listsAreFetched = true;
  try {
    apt('update', '-qq');
  } catch {
    // One source of several may have failed, or the lists that are there suffice; else the installation fails.
  }
}

/** Ubuntu has packages of these names that install a snap, or fail where snaps cannot be. */
function isInstallable(name) {
  const description = outputOf('apt-cache', ['show', '--no-all-versions', name]);
  return Boolean(description) && !/^((Pre-)?Depends|Description\S*): .*\bsnapd?\b/m.test(description);
}

/** @param {string[][]} alternatives of each package: the first that apt can install is taken */
export function installApt(alternatives) {
  fetchLists();
  const choices = alternatives.flatMap((packages) => {
    const choice = packages.map((names) => names.split(' ')).find((names) => names.every(isInstallable));
    if (!choice) throw new Error(`apt has no ${packages.join(' and no ')}, or only as a snap`);
    return choice;
  });
  const packages = [...new Set(choices)];
  console.log(`Installing ${packages.join(' ')}`);
  apt('install', '-y', '-qq', '--no-install-recommends', ...packages);
}
