import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { outputOf, ROOT } from '../setup/run.mjs';
import { command } from './command.mjs';

const ONE_BY_ONE = '--test-concurrency=1';
const DIRECTORIES = ['tests/server', 'tests/browsers', 'tests/e2e'];

function testFiles(directories) {
  return directories.flatMap((directory) =>
    readdirSync(join(ROOT, directory))
      .filter((name) => name.endsWith('.test.mjs'))
      .map((name) => `${directory}/${name}`)
      .sort(),
  );
}

/** Node 20 has learned some options of its test runner late: --test-concurrency in 20.10, --test-force-exit in 20.14. */
function knownTo(node, options) {
  const help = outputOf(node, ['--help']) ?? '';
  return options.filter((option) => help.includes(option.split('=')[0]));
}

/**
 * The built package in the browsers, one file after another. A filter that is part of a file's path picks files,
 * any other is a pattern for the tests' names.
 */
export async function e2e({ engines, filters, directories = DIRECTORIES }) {
  const all = testFiles(directories);
  const chosen = all.filter((file) => filters.some((filter) => file.includes(filter)));
  const patterns = filters.filter((filter) => !all.some((file) => file.includes(filter)));
  const files = chosen.length > 0 ? chosen : all;
  const late = knownTo(process.execPath, [ONE_BY_ONE, '--test-force-exit']);
  const names = patterns.map((pattern) => `--test-name-pattern=${pattern}`);
  const options = ['--test', '--test-reporter=spec', ...late, ...names];
  let passed = true;
  for (const group of late.includes(ONE_BY_ONE) ? [files] : files.map((file) => [file])) {
    const env = { ENGINES: engines.join(',') };
    if (!(await command(process.execPath, [...options, ...group], env))) passed = false;
  }
  return passed;
}

/** What takes minutes and gigabytes, and is asked for by name only. */
export function large(options) {
  return e2e({ ...options, directories: ['tests/large'] });
}
