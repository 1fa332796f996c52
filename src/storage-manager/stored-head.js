/** What is said of the bytes on their way, or by whom else than the file; and what every answer says anew. */
const LEFT_OUT = new Set([
  'accept-ranges',
  'age',
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
  'date',
  'etag',
  'keep-alive',
  'last-modified',
  'transfer-encoding',
  'vary',
]);

const STRONG_ETAG = /^"[^"]*"$/;

/**
 * What the answers for a stored file say of it.
 *
 * @param {string} lines the headers of its response
 * @param {string} type media type, where the response has none
 * @param {string} etag the entity tag, where the response has no strong one
 * @returns {{ headers: [string, string][], etag: string, lastModified: string | undefined }}
 */
export function headOf(lines, type, etag) {
  const all = lines.split('\r\n').filter(Boolean).map(parse);
  const valueOf = (/** @type {string} */ name) => all.find(([other]) => other === name)?.[1];
  const headers = all.filter(([name]) => !LEFT_OUT.has(name));
  if (valueOf('content-type') === undefined) headers.push(['content-type', type]);
  const told = valueOf('etag') ?? '';
  return { headers, etag: STRONG_ETAG.test(told) ? told : etag, lastModified: valueOf('last-modified') };
}

/**
 * @param {string} line
 * @returns {[string, string]}
 */
function parse(line) {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
