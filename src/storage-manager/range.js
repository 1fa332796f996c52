/**
 * Position of the first byte, and the one after the last.
 *
 * @typedef {{ start: number, end: number }} ByteRange
 */

const BYTES = /^bytes=/i;
const INT_RANGE = /^(\d+)-(\d*)$/;
const SUFFIX_RANGE = /^-(\d+)$/;

/**
 * What a `Range` field asks for of a file with `size` bytes ([RFC 9110, 14.1.1](https://www.rfc-editor.org/rfc/rfc9110#section-14.1.1),
 * [14.1.2](https://www.rfc-editor.org/rfc/rfc9110#section-14.1.2)): one range, with its end clamped; 'unsatisfiable' for 416;
 * undefined where the field is to be ignored, so that the whole file is the answer. That is so without a field, for another
 * unit, for one that is malformed, and for several ranges, which a server may ignore.
 *
 * @param {string | null} field
 * @param {number} size
 * @returns {ByteRange | 'unsatisfiable' | undefined}
 */
export function requestedRange(field, size) {
  if (field === null || !BYTES.test(field)) return undefined;
  const specs = listElements(field.slice('bytes='.length));
  if (specs.length !== 1) return undefined;
  const [spec] = specs;
  const suffix = SUFFIX_RANGE.exec(spec);
  if (suffix) return ifSatisfiable(Math.max(0, size - Number(suffix[1])), size);
  const range = INT_RANGE.exec(spec);
  if (!range) return undefined;
  const first = Number(range[1]);
  const last = range[2] === '' ? Infinity : Number(range[2]);
  if (last < first) return undefined;
  return ifSatisfiable(first, Math.min(last + 1, size));
}

/**
 * @param {number} start
 * @param {number} end
 * @returns {ByteRange | 'unsatisfiable'}
 */
function ifSatisfiable(start, end) {
  return start < end ? { start, end } : 'unsatisfiable';
}

/**
 * The elements of a list, of which empty ones do not count ([RFC 9110, 5.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.1)).
 *
 * @param {string} list
 */
function listElements(list) {
  return list
    .split(',')
    .map((element) => element.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((element) => element !== '');
}
