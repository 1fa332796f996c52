/** One entry is enough: a player asks for many parts of the file that it plays. */
let latest = { url: '', etag: null, blob: null };

async function wholeBody(url, stored) {
  const etag = stored.headers.get('etag');
  if (latest.url !== url || latest.etag !== etag || etag === null)
    latest = { url, etag, blob: await stored.blob() };
  return latest.blob;
}

/** @returns {{ first: number, last: number } | null} byte positions, both included; null if there are no such bytes */
function requestedBytes(header, size) {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header.trim()) ?? [null, '', ''];
  if (from === '' && to === '') return null;
  if (from === '') return to === '0' ? null : { first: Math.max(0, size - Number(to)), last: size - 1 };
  const first = Number(from);
  const last = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  return first < size && first <= last ? { first, last } : null;
}

/**
 * The part of a stored file that a media element asks for. Safari plays nothing without exact 206 answers, its first
 * question being `bytes=0-1`; the others cannot seek without them.
 * @param {Request} request with or without a Range header
 * @param {Response} stored the whole file, from Cache Storage
 * @returns {Promise<Response>}
 */
export async function partialResponse(request, stored) {
  const header = request.headers.get('range');
  if (header === null) return stored;
  const body = await wholeBody(request.url, stored);
  const bytes = requestedBytes(header, body.size);
  if (bytes === null) {
    return new Response(null, { status: 416, headers: { 'content-range': `bytes */${body.size}` } });
  }
  const headers = new Headers({
    'accept-ranges': 'bytes',
    'content-length': String(bytes.last - bytes.first + 1),
    'content-range': `bytes ${bytes.first}-${bytes.last}/${body.size}`,
    'content-type': stored.headers.get('content-type') ?? 'application/octet-stream',
  });
  return new Response(body.slice(bytes.first, bytes.last + 1), { status: 206, headers });
}
