#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { ManifestBuilder } from './manifest-builder.js';
import { serializeManifest } from './serialize-manifest.js';
import { writeWholeFile } from './whole-file.js';

const HELP = `Usage: background-fetch-manifest <folder> [options]

Lists the files of a folder as a manifest of sets that an app can download.

  --base-url U     where the server has the folder: an absolute path or URL (default: /)
  --group-by G     folder: a set for each folder at the top level (default)
                   file: a set for each file
  --include G      a glob of files to list, also several times (default: all)
  --exclude G      a glob of files and folders to leave out, also several times
  --cache F        a file to remember hashes in
  --out F          the file to write (default: standard output)
  --help, --version
`;

const OPTIONS = /** @type {const} */ ({
  'base-url': { type: 'string' },
  'group-by': { type: 'string' },
  include: { type: 'string', multiple: true },
  exclude: { type: 'string', multiple: true },
  cache: { type: 'string' },
  out: { type: 'string' },
  help: { type: 'boolean' },
  version: { type: 'boolean' },
});

const FAILED = 1;
const WRONG_USAGE = 2;

process.exitCode = await main(process.argv.slice(2));

/**
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
 */
async function main(args) {
  let command;
  try {
    command = toCommand(args);
  } catch (error) {
    process.stderr.write(`background-fetch-manifest: ${error.message}\n\n${HELP}`);
    return WRONG_USAGE;
  }
  try {
    await command();
    return 0;
  } catch (error) {
    process.stderr.write(`background-fetch-manifest: ${error.message}\n`);
    return FAILED;
  }
}

/**
 * What is to be done. Throws TypeError for arguments that are wrong.
 *
 * @param {string[]} args
 * @returns {() => Promise<void>}
 */
function toCommand(args) {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  if (values.help) return () => print(HELP);
  if (values.version) return () => print(`${packageVersion()}\n`);
  if (positionals.length !== 1) throw new TypeError('Expected one folder.');
  const { out } = values;
  if (out === '') throw new TypeError('out: expected a path');
  const builder = new ManifestBuilder({
    folder: positionals[0],
    baseUrl: values['base-url'],
    groupBy: /** @type {'folder' | 'file' | undefined} */ (values['group-by']),
    include: values.include,
    exclude: values.exclude,
    cacheFile: values.cache,
    leaveOut: out === undefined ? [] : [out],
  });
  return async () => {
    const text = serializeManifest(await builder.build());
    await (out === undefined ? print(text) : writeWholeFile(out, text));
  };
}

function packageVersion() {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}

/** @param {string} text */
function print(text) {
  return new Promise((resolve, reject) => {
    // A reader such as `head` may have enough before all is written.
    process.stdout.once('error', (error) =>
      'code' in error && error.code === 'EPIPE' ? resolve(undefined) : reject(error),
    );
    process.stdout.write(text, (error) => error || resolve(undefined));
  });
}
