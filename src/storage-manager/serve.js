import { preconditionStatus, rangeApplies } from './preconditions.js';
import { requestedRange } from './range.js';

/**
 * @typedef {import('./stored-files.js').StoredFiles} StoredFiles
 * @typedef {import('./stored-files.js').FileRow} FileRow
 * @typedef {import('./range.js').ByteRange} ByteRange
 */

/** Chunks that are ArrayBuffers lie in memory. So much of them is read at once, and the rest as it is asked for. */
const MOST_IN_MEMORY = 8 << 20;
/** So long the Blobs of an answer are held. */
const HELD_MS = 60_000;

/** @type {Set<unknown[]>} */
const held = new Set();

/**
 * The answer to a GET or HEAD request for a stored file ([RFC 9110, 14](https://www.rfc-editor.org/rfc/rfc9110#section-14)).
 * Bytes that cannot be read are an error of the body, or of the response as a whole; the body never ends early.
 *
 * @param {Request} request
 * @param {FileRow} file
 * @param {StoredFiles} stored
 * @returns {Promise<Response>}
 */
export async function serve(request, file, stored) {
  const { size } = file;
  const status = preconditionStatus(request.headers, file);
  if (status) return new Response(null, { status, headers: headersFor(file) });
  const field = rangeApplies(request.headers.get('if-range'), file) ? request.headers.get('range') : null;
  // The field is defined for GET alone.
  const range = request.method === 'GET' ? requestedRange(field, size) : undefined;
  if (range === 'unsatisfiable') {
    const headers = headersFor(file, { 'content-range': `bytes */${size}`, 'content-length': '0' });
    return new Response(null, { status: 416, headers });
  }
  const { start, end } = range ?? { start: 0, end: size };
  const headers = headersFor(file, { 'content-length': String(end - start) });
  if (range) headers.set('content-range', `bytes ${start}-${end - 1}/${size}`);
  const isWithBody = request.method === 'GET' && start < end;
  const body = isWithBody ? await bodyOf(file, stored, { start, end }) : null;
  return new Response(body, { status: range ? 206 : 200, headers });
}

/**
 * @param {FileRow} file
 * @param {Record<string, string>} [others]
 */
function headersFor({ headers: stored, etag, lastModified }, others = {}) {
  const headers = new Headers(stored);
  headers.set('accept-ranges', 'bytes');
  headers.set('etag', etag);
  if (lastModified !== undefined) headers.set('last-modified', lastModified);
  for (const [name, value] of Object.entries(others)) headers.set(name, value);
  return headers;
}

/**
 * Made of slices of the chunks that the range touches. A stream only where they lie in memory: Firefox breaks off large
 * streams that a worker pumps.
 *
 * @param {FileRow} file
 * @param {StoredFiles} stored
 * @param {ByteRange} range
 * @returns {Promise<BodyInit>}
 */
async function bodyOf(file, stored, { start, end }) {
  if (end - start > MOST_IN_MEMORY) {
    const [first] = await stored.chunks(file, start, start + 1);
    if (first?.bytes instanceof ArrayBuffer) return streamOf(file, stored, { start, end });
  }
  const chunks = await stored.chunks(file, start, end);
  const parts = [];
  let position = start;
  for (const { offset, bytes } of chunks) {
    const until = Math.min(offset + lengthOf(bytes), end);
    if (offset > position || until <= position) throw missing(file, position);
    parts.push(bytes.slice(position - offset, until - offset));
    position = until;
  }
  if (position < end) throw missing(file, position);
  const body = new Blob(parts);
  hold([chunks, parts, body]);
  return body;
}

/**
 * Chunk by chunk, as it is read.
 *
 * @param {FileRow} file
 * @param {StoredFiles} stored
 * @param {ByteRange} range
 */
function streamOf(file, stored, { start, end }) {
  let position = start;
  /** @param {ReadableStreamDefaultController<Uint8Array>} controller */
  const pull = async (controller) => {
    const [chunk] = await stored.chunks(file, position, position + 1);
    const bytes = chunk?.bytes.slice(position - chunk.offset, end - chunk.offset);
    if (!bytes || lengthOf(bytes) === 0) throw missing(file, position);
    const buffer = bytes instanceof Blob ? await bytes.arrayBuffer() : bytes;
    controller.enqueue(new Uint8Array(buffer));
    position += buffer.byteLength;
    if (position >= end) controller.close();
  };
  return new ReadableStream({ pull }, { highWaterMark: 0 });
}

/** @param {Blob | ArrayBuffer} bytes */
function lengthOf(bytes) {
  return bytes instanceof Blob ? bytes.size : bytes.byteLength;
}

/**
 * Chromium (156) kills the worker where a Blob of the database is collected while another is being made of it.
 *
 * @param {unknown[]} blobs
 */
function hold(blobs) {
  held.add(blobs);
  setTimeout(() => held.delete(blobs), HELD_MS);
}

/**
 * @param {FileRow} file
 * @param {number} position
 */
function missing({ url }, position) {
  return new DOMException(`the bytes of ${url} from ${position} on are not there`, 'NotReadableError');
}
