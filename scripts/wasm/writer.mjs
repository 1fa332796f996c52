import { HEADER_LENGTH, sectionsOf } from './reader.mjs';

/** LEB128 */
export function unsigned(value) {
  const bytes = [];
  let rest = value;
  do {
    bytes.push((rest % 0x80) + (rest >= 0x80 ? 0x80 : 0));
    rest = Math.floor(rest / 0x80);
  } while (rest > 0);
  return Buffer.from(bytes);
}

export function sized(bytes) {
  return Buffer.concat([unsigned(bytes.length), bytes]);
}

export function text(value) {
  return sized(Buffer.from(value));
}

export function section(id, content) {
  return Buffer.concat([Buffer.from([id]), sized(content)]);
}

/** The module with other sections: `change(content, id)` gives what a section has instead. */
export function withSections(wasm, change) {
  const parts = [...sectionsOf(wasm)].map(({ id, content }) => section(id, change(content, id)));
  return Buffer.concat([wasm.subarray(0, HEADER_LENGTH), ...parts]);
}
