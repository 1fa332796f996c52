/**
 * Gives the imports and exports of a wasm module, and the glue of wasm-bindgen that knows them, names of one or two letters.
 * wasm-opt does it for the imports of other toolchains only.
 */
import { readFile, writeFile } from 'node:fs/promises';

const IMPORTS = 2;
const EXPORTS = 7;
const HEADER_LENGTH = 8;

export async function minifyNames(wasmPath, gluePath) {
  const module = new WebAssembly.Module(await readFile(wasmPath));
  const [{ module: origin }] = WebAssembly.Module.imports(module);
  const imports = shortNames(WebAssembly.Module.imports(module).map(({ name }) => name));
  const exports = shortNames(WebAssembly.Module.exports(module).map(({ name }) => name));
  const bytes = renamed(await readFile(wasmPath), imports, exports);
  await writeFile(wasmPath, bytes);

  let glue = await readFile(gluePath, 'utf8');
  glue = replaceOnce(glue, `"${origin}": import0`, 'a: import0');
  for (const [name, short] of imports) glue = replaceOnce(glue, `        ${name}: `, `        ${short}: `);
  glue = glue.replace(/\bwasm\.(\w+)/g, (whole, name) =>
    exports.has(name) ? `wasm.${exports.get(name)}` : whole,
  );
  await writeFile(gluePath, glue);
  // What is left of the old names would be undefined when it is called.
  WebAssembly.Module.exports(new WebAssembly.Module(bytes));
}

function replaceOnce(text, from, to) {
  if (text.split(from).length !== 2) throw new Error(`${from} is not once in the glue.`);
  return text.replace(from, () => to);
}

function shortNames(names) {
  const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const short = (index) =>
    index < LETTERS.length
      ? LETTERS[index]
      : LETTERS[Math.floor(index / LETTERS.length) - 1] + LETTERS[index % LETTERS.length];
  return new Map([...new Set(names)].map((name, index) => [name, short(index)]));
}

/** https://webassembly.github.io/spec/core/binary/modules.html: a sequence of sections, each with its size. */
function renamed(wasm, imports, exports) {
  const sections = [wasm.subarray(0, HEADER_LENGTH)];
  const reader = new Reader(wasm, HEADER_LENGTH);
  while (!reader.isAtEnd) {
    const id = reader.byte();
    const content = reader.bytes(reader.unsigned());
    let section = content;
    if (id === IMPORTS) section = renamedImports(new Reader(content), imports);
    if (id === EXPORTS) section = renamedExports(new Reader(content), exports);
    sections.push(Buffer.from([id]), unsigned(section.length), section);
  }
  return Buffer.concat(sections);
}

function renamedImports(reader, names) {
  const count = reader.unsigned();
  const parts = [unsigned(count)];
  for (let index = 0; index < count; index += 1) {
    reader.text();
    parts.push(text('a'), text(names.get(reader.text())));
    const begin = reader.position;
    if (reader.byte() !== 0) throw new Error('Functions alone are expected among the imports.');
    reader.unsigned();
    parts.push(reader.since(begin));
  }
  return Buffer.concat(parts);
}

function renamedExports(reader, names) {
  const count = reader.unsigned();
  const parts = [unsigned(count)];
  for (let index = 0; index < count; index += 1) {
    parts.push(text(names.get(reader.text())));
    const begin = reader.position;
    reader.byte();
    reader.unsigned();
    parts.push(reader.since(begin));
  }
  return Buffer.concat(parts);
}

class Reader {
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

function unsigned(value) {
  const bytes = [];
  let rest = value;
  do {
    bytes.push((rest % 0x80) + (rest >= 0x80 ? 0x80 : 0));
    rest = Math.floor(rest / 0x80);
  } while (rest > 0);
  return Buffer.from(bytes);
}

function text(value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([unsigned(bytes.length), bytes]);
}
