import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

const BUFFER_BYTES = 256 * 1024;

/** @typedef {Pick<import('node:fs').BigIntStats, 'size' | 'mtimeNs'>} Version what tells that a file has changed */

/**
 * The integrity metadata of a file (https://w3c.github.io/webappsec-subresource-integrity/#integrity-metadata-description). Rejects
 * where the file is not, or does not stay, the version that is expected.
 *
 * @param {string} file
 * @param {Version} expected
 */
export async function hashFile(file, expected) {
  const handle = await open(file);
  try {
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(Math.min(BUFFER_BYTES, Number(expected.size)));
    let size = 0n;
    while (size < expected.size) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      size += BigInt(bytesRead);
    }
    const after = await handle.stat({ bigint: true });
    const isSame = size === expected.size && after.size === size && after.mtimeNs === expected.mtimeNs;
    if (!isSame) throw new Error(`The file has changed while it was read: ${file}`);
    return `sha256-${hash.digest('base64')}`;
  } finally {
    await handle.close();
  }
}
