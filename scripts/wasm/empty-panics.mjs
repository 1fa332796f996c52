/**
 * Lets a module trap where it would panic. Rust's standard library prints a panic before it traps, and wasm has nowhere to
 * print to: the messages, and what formats them, only weigh. Clippy sees to it that our code does not format
 * (`clippy.toml`), `assertNothingFormats()` that no other does.
 */
import { functionsOf, SECTION } from './reader.mjs';
import { sized, unsigned, withSections } from './writer.mjs';

const OF_RUST = /^<?(core|alloc|std|__rustc)\[/;
const OF_PANICS =
  /panic|rust_begin_unwind|_fail(ed)?(::<.*>)?$|handle_(alloc_)?error$|rust_oom|alloc_error_handler/;
const OF_FORMATTING = /\bfmt::/;

/** No locals; then the instruction, and the end. */
const UNREACHABLE = Buffer.from([0x00, 0x00, 0x0b]);

const isEmptied = (name) => OF_RUST.test(name) && (OF_PANICS.test(name) || OF_FORMATTING.test(name));

export function emptyPanics(wasm) {
  const functions = functionsOf(wasm);
  const bodies = functions.map(({ name, body }) => (isEmptied(name) ? UNREACHABLE : body));
  if (!bodies.includes(UNREACHABLE)) throw new Error('The module has no functions with the names of panics.');
  const code = Buffer.concat([unsigned(bodies.length), ...bodies.map(sized)]);
  return withSections(wasm, (content, id) => (id === SECTION.code ? code : content));
}

/**
 * A function that formats, and is no part of formatting itself, would trap.
 *
 * @param {string} callGraph of the module with the names of its functions, as wasm-opt prints it
 */
export function assertNothingFormats(callGraph) {
  const CALL = /^ *"(.+)" -> "(.+)"; \/\/ call$/gm;
  const calls = [...callGraph.matchAll(CALL)].map(([, caller, callee]) => ({ caller, callee }));
  if (calls.length === 0) throw new Error('wasm-opt has printed no calls.');
  const formatting = calls.filter(
    ({ caller, callee }) =>
      OF_RUST.test(callee) && OF_FORMATTING.test(callee) && !OF_FORMATTING.test(caller) && !isEmptied(caller),
  );
  const [first] = formatting;
  if (first) throw new Error(`${first.caller} calls ${first.callee}, which is emptied.`);
}
