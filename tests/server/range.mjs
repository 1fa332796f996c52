/**
 * Reads a Range header (RFC 9110, section 14.2) for a representation of `size` bytes.
 *
 * Gives `null` where the header is to be ignored (no bytes unit, malformed, or several ranges, which a server
 * may ignore), `'unsatisfiable'` where 416 is due, else `{start, end}` with `end` exclusive.
 */
export function parseRange(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  if (match[1] === '') {
    const suffix = Number(match[2]);
    return suffix === 0 || size === 0 ? 'unsatisfiable' : { start: Math.max(0, size - suffix), end: size };
  }
  const start = Number(match[1]);
  const last = match[2] === '' ? size - 1 : Number(match[2]);
  if (match[2] !== '' && last < start) return null;
  return start >= size ? 'unsatisfiable' : { start, end: Math.min(last + 1, size) };
}
