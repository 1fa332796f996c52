/**
 * Lets a module trap where it would panic. Rust's standard library prints a panic before it traps, and wasm has nowhere to
 * print to: the messages, and what formats them, only weigh. Clippy sees to it that nothing else formats (`clippy.toml`).
 */
import { functionsOf, SECTION } from './reader.mjs';
import { sized, unsigned, withSections } from './writer.mjs';

const OF_RUST = /^<?(core|alloc|std|__rustc)\[/;
const OF_PANICS =
  /panic|rust_begin_unwind|_fail(ed)?(::<.*>)?$|\bfmt::|handle_(alloc_)?error$|rust_oom|alloc_error_handler/;

/** No locals; then the instruction, and the end. */
const UNREACHABLE = Buffer.from([0x00, 0x00, 0x0b]);

export function emptyPanics(wasm) {
  const functions = functionsOf(wasm);
  const bodies = functions.map(({ name, body }) =>
    OF_RUST.test(name) && OF_PANICS.test(name) ? UNREACHABLE : body,
  );
  if (!bodies.includes(UNREACHABLE)) throw new Error('The module has no functions with the names of panics.');
  const code = Buffer.concat([unsigned(bodies.length), ...bodies.map(sized)]);
  return withSections(wasm, (content, id) => (id === SECTION.code ? code : content));
}
