/**
 * What a Range header asks of a body (RFC 9110, section 14.2). Several ranges, another unit and bad syntax are answered
 * with the whole body, which the RFC allows.
 * @param {string | undefined} header the value of Range
 * @param {number} size length of the whole body in bytes
 * @returns {'whole' | 'unsatisfiable' | { first: number, last: number }} byte positions, both included
 */
export function requestedRange(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/i.exec(header?.replace(/\s+/g, '') ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return 'whole';
  if (match[1] === '') {
    const suffix = Number(match[2]);
    if (suffix === 0 || size === 0) return 'unsatisfiable';
    return { first: Math.max(0, size - suffix), last: size - 1 };
  }
  const first = Number(match[1]);
  const last = match[2] === '' ? size - 1 : Number(match[2]);
  if (match[2] !== '' && last < first) return 'whole';
  if (first >= size) return 'unsatisfiable';
  return { first, last: Math.min(last, size - 1) };
}

/**
 * Whether a Range counts, given its If-Range (RFC 9110, section 13.1.5: strong comparison, exact date).
 * @param {string | undefined} header the value of If-Range
 * @param {{ etag: string, lastModified: string }} file
 */
export function ifRangeHolds(header, file) {
  if (header === undefined) return true;
  const value = header.trim();
  return value.startsWith('"') ? value === file.etag : value === file.lastModified;
}

/**
 * Whether the client's copy is still good (RFC 9110, section 13.2.2: If-None-Match goes before If-Modified-Since).
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @param {{ etag: string, lastModified: string }} file
 */
export function notModified(headers, file) {
  const tags = headers['if-none-match'];
  if (tags !== undefined) {
    if (tags.trim() === '*') return true;
    return tags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === file.etag);
  }
  const since = Date.parse(headers['if-modified-since'] ?? '');
  return Number.isFinite(since) && Date.parse(file.lastModified) <= since;
}
