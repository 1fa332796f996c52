/** https://webassembly.github.io/spec/core/binary/modules.html: a header, then sections, each with its size. */
export const SECTION = { custom: 0, imports: 2, exports: 7, code: 10 };

export const HEADER_LENGTH = 8;

export class WasmReader {
  #bytes;

  constructor(bytes, position = 0) {
    this.#bytes = bytes;
    this.position = position;
  }

  get isAtEnd() {
    return this.position >= this.#bytes.length;
  }

  byte() {
    this.position += 1;
    return this.#bytes[this.position - 1];
  }

  bytes(length) {
    this.position += length;
    return this.#bytes.subarray(this.position - length, this.position);
  }

  /** LEB128 */
  unsigned() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  text() {
    return this.bytes(this.unsigned()).toString('utf8');
  }

  since(begin) {
    return this.#bytes.subarray(begin, this.position);
  }
}

/** The sections of a module, as `{ id, content }`. */
export function* sectionsOf(wasm) {
  const reader = new WasmReader(wasm, HEADER_LENGTH);
  while (!reader.isAtEnd) yield { id: reader.byte(), content: reader.bytes(reader.unsigned()) };
}
