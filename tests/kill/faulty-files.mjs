import { RandomFaults } from '../server/random-faults.mjs';

const MIB = 1 << 20;

/** Adds three files with their faults to a server; gives their sizes by path, in the order of the requests. */
export function addFaultyFiles(server, choices) {
  const sizes = {
    '/big.bin': choices.between(1.5 * MIB, 2.5 * MIB),
    '/middle.bin': MIB + choices.between(1, 5000),
    '/small.bin': choices.between(1, 9),
  };
  const throttle = choices.between(3 * MIB, 10 * MIB);
  for (const [path, size] of Object.entries(sizes)) {
    const faults = new RandomFaults(choices.of(path), size);
    server.file(path, { size, throttle, script: (request) => faults.next(request) });
  }
  return sizes;
}
