import { crc32 as zlibCrc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

// node:zlib has had crc32 only since 20.15 and 22.2; the package promises every Node 20.
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});
const crc32 =
  zlibCrc32 ??
  ((/** @type {Uint8Array} */ bytes) => {
    let value = 0xffffffff;
    for (const byte of bytes) value = TABLE[(value ^ byte) & 255] ^ (value >>> 8);
    return ~value >>> 0;
  });

function chunk(type, data) {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(typed.length + 8);
  framed.writeUInt32BE(data.length, 0);
  typed.copy(framed, 4);
  framed.writeUInt32BE(crc32(typed), framed.length - 4);
  return framed;
}

/** Each line as the difference to its upper neighbour: gradients then deflate well. */
function filterUp(bytes, stride, height) {
  const filtered = Buffer.alloc((stride + 1) * height);
  for (let y = 0; y < height; y += 1) {
    const target = y * (stride + 1);
    const source = y * stride;
    filtered[target] = y === 0 ? 0 : 2;
    for (let i = 0; i < stride; i += 1) {
      filtered[target + 1 + i] = y === 0 ? bytes[i] : bytes[source + i] - bytes[source - stride + i];
    }
  }
  return filtered;
}

/**
 * @param {number} width in pixels
 * @param {number} height in pixels
 * @param {Uint8Array} bytes RGB or RGBA, line by line from the top
 * @returns {Buffer} a PNG file
 */
export function encodePng(width, height, bytes) {
  const channels = bytes.length / (width * height);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, channels === 4 ? 6 : 2, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(filterUp(bytes, width * channels, height), { level: 6 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
