import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.wav': 'audio/wav',
};

/**
 * @typedef {object} SiteFile
 * @property {string} path on the disk
 * @property {number} size in bytes
 * @property {string} type value of Content-Type
 * @property {string} etag strong: made from the content
 * @property {string} lastModified an HTTP date
 */

/** The directories of the site, each under its own path of the address. */
export class SiteFiles {
  #mounts;
  #tags = new Map();

  /** @param {Array<{ at: string, directory: string }>} mounts `at` begins and ends with a slash; the first match counts */
  constructor(mounts) {
    this.#mounts = mounts;
  }

  /**
   * @param {string} pathname of the request's address, still percent-encoded
   * @returns {Promise<SiteFile | null>}
   */
  async find(pathname) {
    const name = decoded(pathname);
    if (name === null) return null;
    for (const { at, directory } of this.#mounts) {
      if (!name.startsWith(at)) continue;
      const file = await this.#inside(directory, name.slice(at.length) || 'index.html');
      if (file) return file;
    }
    return null;
  }

  async #inside(directory, name) {
    try {
      const root = await realpath(directory);
      // The real path is compared, so that neither '..' nor a symbolic link leads out of the directory.
      const target = await realpath(path.join(root, name));
      if (!target.startsWith(root + path.sep)) return null;
      const found = await stat(target);
      if (!found.isFile()) return null;
      return {
        path: target,
        size: found.size,
        type: TYPES[path.extname(target)] ?? 'application/octet-stream',
        etag: await this.#tag(target, found),
        lastModified: found.mtime.toUTCString(),
      };
    } catch {
      return null;
    }
  }

  #tag(target, { mtimeMs, size }) {
    const key = `${target}|${mtimeMs}|${size}`;
    let tag = this.#tags.get(key);
    if (!tag) {
      tag = hashed(target);
      this.#tags.set(key, tag);
      tag.catch(() => this.#tags.delete(key));
    }
    return tag;
  }
}

async function hashed(target) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(target), hash);
  return `"${hash.digest('base64url').slice(0, 27)}"`;
}

function decoded(pathname) {
  try {
    const name = decodeURIComponent(pathname);
    const parts = name.split('/');
    if (parts.includes('..') || name.includes('\0') || name.includes('\\')) return null;
    return parts.some((part) => part.startsWith('.')) ? null : name;
  } catch {
    return null;
  }
}
