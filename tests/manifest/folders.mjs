import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Long enough ago for every file system to tell the time of a change from it. */
const LONG_AGO = new Date('2020-02-02T02:02:02Z');

/**
 * A folder with files, which is called `site` and goes with its test.
 *
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string | Buffer>} [files] path -> content, made in this order
 */
export async function makeFolder(t, files = {}) {
  const parent = await mkdtemp(join(tmpdir(), 'manifest-'));
  t.after(() => rm(parent, { recursive: true, force: true }));
  const folder = join(parent, 'site');
  await mkdir(folder);
  await writeFiles(folder, files);
  return folder;
}

export async function writeFiles(folder, files, time = LONG_AGO) {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
    await utimes(join(folder, path), time, time);
  }
}

/** @param {string | Buffer} content */
export function integrityOf(content) {
  return `sha256-${createHash('sha256').update(Buffer.from(content)).digest('base64')}`;
}

/** The sets of a manifest, by their ids, with the URLs of their files. */
export function urlsOf({ sets }) {
  return Object.fromEntries(sets.map(({ id, files }) => [id, files.map(({ url }) => url)]));
}
