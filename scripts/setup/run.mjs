import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const TOOLS = join(ROOT, 'target', 'tools');

/** Where our own tools are (`cargo install --root target/tools`), then the directories of PATH. */
function directories() {
  return [join(TOOLS, 'bin'), ...(process.env.PATH ?? '').split(delimiter).filter(Boolean)];
}

export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The full paths of all programs of these names, those of target/tools first. */
export function findPrograms(...names) {
  return names
    .flatMap((name) => directories().map((directory) => join(directory, name)))
    .filter(isExecutable);
}

/** The full path of the first of the named programs that is there, else null. */
export function findProgram(...names) {
  return findPrograms(...names)[0] ?? null;
}

/** Standard output of a program, or null when it fails or is missing. */
export function outputOf(command, args) {
  const { status, stdout } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 60_000,
  });
  return status === 0 ? stdout : null;
}

/** Ends the process with a message for a person: what is missing is no fault of the scripts, a stack says nothing. */
export function giveUp(message) {
  console.error(message);
  process.exit(1);
}

/** Runs a program of the set-up; its output is shown only when it fails. */
export function runQuietly(command, args, options = {}) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  if (error) throw new Error(`${command} cannot be run: ${error.message}`);
  if (status !== 0) {
    process.stderr.write(`${stdout}${stderr}`);
    throw new Error(`${command} ${args.join(' ')} failed`);
  }
}
