/** Finds an order of a module's functions in which like ones lie side by side: that is what compression makes use of. */
import { FUNCTION_NAMES, functionsOf, SECTION } from './reader.mjs';
import { section, sized, text, unsigned } from './writer.mjs';

/** Bodies are compared by the sequences of so many bytes that they have. */
const SEQUENCE_LENGTH = 4;
/** The last function counts most for which comes next, and each one before it by so much less. */
const DECAY = 0.75;

// Square roots are the same on every machine; powers are not.
const fourthRoot = (value) => Math.sqrt(Math.sqrt(value));

function sequencesOf(body) {
  const sequences = new Set();
  for (let at = 0; at + SEQUENCE_LENGTH <= body.length; at += 1) sequences.add(body.readUInt32LE(at));
  return sequences;
}

/** The positions of the bodies in their new order: after each, the one that has most of what lies before it. */
function orderOf(bodies) {
  const sequences = bodies.map(sequencesOf);
  const owners = new Map();
  sequences.forEach((own, position) => {
    for (const sequence of own) {
      if (!owners.has(sequence)) owners.set(sequence, []);
      owners.get(sequence).push(position);
    }
  });
  const likeness = new Float64Array(bodies.length);
  const sizes = sequences.map(({ size }) => Math.sqrt(size + 1) * fourthRoot(size + 1));
  const waiting = new Set(bodies.keys());
  const order = [];
  let next = bodies.reduce((longest, body, at) => (body.length > bodies[longest].length ? at : longest), 0);
  while (waiting.size > 0) {
    order.push(next);
    waiting.delete(next);
    for (const position of waiting) likeness[position] *= DECAY;
    for (const sequence of sequences[next]) {
      const shared = owners.get(sequence);
      for (const position of shared) likeness[position] += 1 / fourthRoot(shared.length);
    }
    let most = -1;
    for (const position of waiting) {
      if (likeness[position] / sizes[position] <= most) continue;
      most = likeness[position] / sizes[position];
      next = position;
    }
  }
  return order;
}

/** The module with a section "name" in which the functions' names are in that order; wasm-opt can sort by names. */
export function namedInOrder(wasm) {
  const functions = functionsOf(wasm);
  const ranks = new Map(orderOf(functions.map(({ body }) => body)).map((position, rank) => [position, rank]));
  const names = functions.map(({ index }, position) =>
    Buffer.concat([unsigned(index), text(String(ranks.get(position)).padStart(6, '0'))]),
  );
  const list = Buffer.concat([unsigned(functions.length), ...names]);
  const content = Buffer.concat([text('name'), Buffer.from([FUNCTION_NAMES]), sized(list)]);
  return Buffer.concat([wasm, section(SECTION.custom, content)]);
}
