/**
 * Bytes as text of printable ASCII, for scripts: no character set, bundler or HTML parser changes it, and it compresses
 * better than base64. The most frequent bytes have one character each, the others a prefix and one more.
 */
const CHARACTERS = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).filter(
  (character) => !'"\\<'.includes(character),
);
const PREFIXES = 2;
const SINGLE = CHARACTERS.length - PREFIXES;

/**
 * Gives the text, and the bytes in the order of their codes, which `decode()` needs.
 *
 * @param {Uint8Array} bytes
 */
export function encode(bytes) {
  const counts = new Array(256).fill(0);
  for (const byte of bytes) counts[byte] += 1;
  const order = [...counts.keys()].sort((one, other) => counts[other] - counts[one] || one - other);
  /** @type {string[]} */
  const codes = [];
  order.forEach((byte, rank) => {
    const rest = rank - SINGLE;
    codes[byte] =
      rest < 0
        ? CHARACTERS[rank]
        : CHARACTERS[SINGLE + Math.floor(rest / SINGLE)] + CHARACTERS[rest % SINGLE];
  });
  return { code: Array.from(bytes, (byte) => codes[byte]).join(''), order };
}

/**
 * @param {string} code
 * @param {number[]} order
 */
export function decode(code, order) {
  const ranks = new Uint8Array(128);
  CHARACTERS.forEach((character, rank) => (ranks[character.charCodeAt(0)] = rank));
  const bytes = new Uint8Array(code.length);
  let length = 0;
  for (let index = 0; index < code.length; index += 1) {
    let rank = ranks[code.charCodeAt(index)];
    if (rank >= SINGLE) {
      index += 1;
      rank = SINGLE + (rank - SINGLE) * SINGLE + ranks[code.charCodeAt(index)];
    }
    bytes[length] = order[rank];
    length += 1;
  }
  return bytes.slice(0, length);
}
