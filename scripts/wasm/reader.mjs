/** https://webassembly.github.io/spec/core/binary/modules.html: a header, then sections, each with its size. */
export const SECTION = { custom: 0, imports: 2, exports: 7, code: 10 };

export const HEADER_LENGTH = 8;

/** The part of the section "name" that names functions. */
export const FUNCTION_NAMES = 1;

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

/** The bodies of a code section. */
function* bodiesOf(code) {
  const reader = new WasmReader(code);
  for (let count = reader.unsigned(); count > 0; count -= 1) yield reader.bytes(reader.unsigned());
}

/** The functions of a module, as `{ index, name, body }`; without the section "name" there are no names. */
export function functionsOf(wasm) {
  // wasm-bindgen imports functions alone.
  let imported = 0;
  let bodies = [];
  let names = new Map();
  for (const { id, content } of sectionsOf(wasm)) {
    if (id === SECTION.imports) imported = new WasmReader(content).unsigned();
    if (id === SECTION.code) bodies = [...bodiesOf(content)];
    if (id === SECTION.custom) names = namesOf(content) ?? names;
  }
  return bodies.map((body, position) => {
    const index = imported + position;
    return { index, name: names.get(index) ?? '', body };
  });
}

function namesOf(section) {
  const reader = new WasmReader(section);
  if (reader.text() !== 'name') return undefined;
  const names = new Map();
  while (!reader.isAtEnd) {
    const kind = reader.byte();
    const part = new WasmReader(reader.bytes(reader.unsigned()));
    if (kind !== FUNCTION_NAMES) continue;
    for (let count = part.unsigned(); count > 0; count -= 1) names.set(part.unsigned(), part.text());
  }
  return names;
}
