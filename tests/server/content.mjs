import { createCipheriv, createHash } from 'node:crypto';

const BLOCK = 1 << 20;
const PAGE = 4096;
const STAMP = 8;

const blocks = new Map();

function randomBlock(seed) {
  if (!blocks.has(seed)) {
    const key = createHash('sha256').update(`content ${seed}`).digest();
    blocks.set(seed, createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(BLOCK)));
  }
  return blocks.get(seed);
}

/**
 * Pseudo-random bytes that are a function of (seed, offset), so that a file of any size needs no memory and any
 * range of it costs a copy. Every 4 KiB page begins with its own offset, therefore a page that ends up in the
 * wrong place, or comes from another seed, always changes the checksum.
 */
export class RandomContent {
  #block;
  #sha256;

  constructor(seed, size) {
    this.size = size;
    this.id = `${seed}-${size}`;
    this.#block = randomBlock(seed);
  }

  /** The bytes from `start` up to but not including `end`; they may lie past `size`. */
  read(start, end) {
    const bytes = Buffer.allocUnsafe(end - start);
    for (let offset = start; offset < end;) {
      const within = offset % BLOCK;
      const length = Math.min(BLOCK - within, end - offset);
      this.#block.copy(bytes, offset - start, within, within + length);
      offset += length;
    }
    const stamp = Buffer.alloc(STAMP);
    for (let page = start - (start % PAGE); page < end; page += PAGE) {
      if (page >= start && page + STAMP <= end) {
        bytes.writeUInt32LE(page % 2 ** 32, page - start);
        bytes.writeUInt32LE(Math.floor(page / 2 ** 32), page - start + 4);
        continue;
      }
      stamp.writeBigUInt64LE(BigInt(page));
      for (let i = 0; i < STAMP; i += 1) {
        const at = page + i - start;
        if (at >= 0 && at < bytes.length) bytes[at] = stamp[i];
      }
    }
    return bytes;
  }

  sha256() {
    if (!this.#sha256) {
      const hash = createHash('sha256');
      for (let offset = 0; offset < this.size; offset += BLOCK) {
        hash.update(this.read(offset, Math.min(offset + BLOCK, this.size)));
      }
      this.#sha256 = hash.digest('hex');
    }
    return this.#sha256;
  }
}

/** The same block again and again. No piece is copied: for measurements. */
export class RepeatedContent {
  #block;

  constructor(seed, size) {
    this.size = size;
    this.id = `${seed}-${size}-repeated`;
    this.#block = randomBlock(seed);
  }

  /** At most up to the end of a block. */
  read(start, end) {
    const within = start % BLOCK;
    return this.#block.subarray(within, Math.min(BLOCK, within + end - start));
  }
}

/** Bytes given by the test. */
export class FixedContent {
  #bytes;

  constructor(body) {
    this.#bytes = Buffer.from(body);
    this.size = this.#bytes.length;
    this.id = this.sha256().slice(0, 16);
  }

  /** As in RandomContent; what lies past `size` is zero. */
  read(start, end) {
    const bytes = this.#bytes.subarray(start, Math.min(end, this.size));
    return bytes.length === end - start ? bytes : Buffer.concat([bytes], end - start);
  }

  sha256() {
    return createHash('sha256').update(this.#bytes).digest('hex');
  }
}
