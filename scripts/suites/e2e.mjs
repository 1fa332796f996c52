import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from '../setup/run.mjs';
import { command } from './command.mjs';

const DIRECTORIES = ['tests/server', 'tests/browsers', 'tests/e2e'];

function testFiles() {
  return DIRECTORIES.flatMap((directory) =>
    readdirSync(join(ROOT, directory), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.test.mjs'))
      .map((entry) => relative(ROOT, join(entry.parentPath ?? entry.path, entry.name)))
      .sort(),
  );
}

/**
 * The built package in the browsers, one file after another. A filter that is part of a file's path picks files,
 * any other is a pattern for the tests' names.
 */
export function e2e({ engines, filters }) {
  const all = testFiles();
  const chosen = all.filter((file) => filters.some((filter) => file.includes(filter)));
  const patterns = filters.filter((filter) => !all.some((file) => file.includes(filter)));
  const files = chosen.length > 0 ? chosen : all;
  const options = ['--test', '--test-reporter=spec', '--test-concurrency=1', '--test-force-exit'];
  const names = patterns.map((pattern) => `--test-name-pattern=${pattern}`);
  return command(process.execPath, [...options, ...names, ...files], { ENGINES: engines.join(',') });
}
