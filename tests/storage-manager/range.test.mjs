import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestedRange } from '../../src/storage-manager/range.js';
import { RANGE_CASES } from './range-cases.mjs';

/** As the cases tell it. */
function answerTo(field, size) {
  const range = requestedRange(field, size);
  if (range === undefined) return 200;
  return range === 'unsatisfiable' ? 416 : [range.start, range.end];
}

test('a Range field asks for what RFC 9110 says', () => {
  assert.ok(RANGE_CASES.length >= 60);
  for (const [field, size, answer] of RANGE_CASES) {
    assert.deepEqual(answerTo(field, size), answer, `${JSON.stringify(field)} of ${size}`);
  }
});

test('no Range field asks for the whole', () => {
  assert.equal(answerTo(null, 1000), 200);
});

/**
 * Byte by byte: whether the field asks for it. For fields of one well-formed range.
 *
 * @param {{ first?: number, last?: number, suffix?: number }} range
 * @param {number} size
 */
function byBytes({ first, last, suffix }, size) {
  const wanted = [];
  for (let position = 0; position < size; position += 1) {
    const isInSuffix = suffix !== undefined && size - position <= suffix;
    const isInRange = first !== undefined && first <= position && (last === undefined || position <= last);
    if (isInSuffix || isInRange) wanted.push(position);
  }
  return wanted.length === 0 ? 416 : [wanted[0], wanted.at(-1) + 1];
}

test('any range is that of a count byte by byte', () => {
  for (let size = 0; size < 7; size += 1) {
    for (let first = 0; first < 9; first += 1) {
      assert.deepEqual(answerTo(`bytes=${first}-`, size), byBytes({ first }, size));
      assert.deepEqual(answerTo(`bytes=-${first}`, size), byBytes({ suffix: first }, size));
      for (let last = first; last < 9; last += 1) {
        const expected = byBytes({ first, last }, size);
        assert.deepEqual(answerTo(`bytes=${first}-${last}`, size), expected, `${first}-${last} of ${size}`);
      }
    }
  }
});

test('no field makes it throw, or leave the file', () => {
  const characters = ['b', 'y', 't', 'e', 's', '=', '-', '-', ',', ' ', '0', '1', '9', 'é', '\t', '"'];
  let seed = 1;
  const random = (below) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
  for (let round = 0; round < 50_000; round += 1) {
    const tail = Array.from({ length: random(8) }, () => characters[random(characters.length)]);
    const size = random(12);
    const range = requestedRange(`bytes=${tail.join('')}`, size);
    if (typeof range !== 'object') continue;
    assert.ok(0 <= range.start && range.start < range.end && range.end <= size);
  }
});
