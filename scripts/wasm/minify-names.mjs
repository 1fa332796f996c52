/**
 * Gives the imports and exports of a wasm module, and the glue of wasm-bindgen that knows them, names of one or two letters.
 * wasm-opt does it for the imports of other toolchains only.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { SECTION, WasmReader } from './reader.mjs';
import { text, unsigned, withSections } from './writer.mjs';

export async function minifyNames(wasmPath, gluePath) {
  const module = new WebAssembly.Module(await readFile(wasmPath));
  const [origin, ...others] = new Set(WebAssembly.Module.imports(module).map((each) => each.module));
  // wasm-bindgen gives those of JavaScript files a module of their own where they throw nothing that is caught.
  if (others.length > 0) throw new Error(`One module of imports is expected, and there are: ${others}`);
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
}

function replaceOnce(code, from, to) {
  if (code.split(from).length !== 2) throw new Error(`${from} is not once in the glue.`);
  return code.replace(from, () => to);
}

function shortNames(names) {
  const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const short = (index) =>
    index < LETTERS.length
      ? LETTERS[index]
      : LETTERS[Math.floor(index / LETTERS.length) - 1] + LETTERS[index % LETTERS.length];
  return new Map([...new Set(names)].map((name, index) => [name, short(index)]));
}

function renamed(wasm, imports, exports) {
  return withSections(wasm, (content, id) => {
    if (id === SECTION.imports) return renamedImports(new WasmReader(content), imports);
    if (id === SECTION.exports) return renamedExports(new WasmReader(content), exports);
    return content;
  });
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
