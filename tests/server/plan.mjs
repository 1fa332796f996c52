import { STATUS_CODES } from 'node:http';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { FixedContent } from './content.mjs';
import { corsHeaders } from './cors.mjs';
import { mediaType } from './media-type.mjs';
import { parseRange } from './range.mjs';

const NO_BODY = new Set([204, 205, 304]);

function listed(header, etag) {
  return header.trim() === '*' || header.split(',').some((tag) => weak(tag.trim()) === weak(etag));
}

function weak(etag) {
  return etag.replace(/^W\//, '');
}

/** Section 13.1.5 of RFC 9110: an entity tag must match strongly, a date exactly. */
function ifRangeHolds(header, { etag, lastModified }) {
  if (header === undefined) return true;
  if (header.startsWith('"') || header.startsWith('W/')) return !header.startsWith('W/') && header === etag;
  return header === lastModified;
}

/** 304, 412 or null: sections 13.1.1 to 13.1.4 of RFC 9110. */
function preconditionStatus({ method, headers }, { etag, lastModified }) {
  if (headers['if-match'] !== undefined && !(etag && listed(headers['if-match'], etag))) return 412;
  if (method !== 'GET' && method !== 'HEAD') return null;
  if (headers['if-none-match'] !== undefined) {
    return etag && listed(headers['if-none-match'], etag) ? 304 : null;
  }
  const since = Date.parse(headers['if-modified-since'] ?? '');
  return lastModified && Date.parse(lastModified) <= since ? 304 : null;
}

function chosenCoding(options, { headers }) {
  const isChosen = (coding) =>
    options[coding] && (headers.range ? options.codedRanges : accepts(headers, coding));
  return ['br', 'gzip'].find(isChosen) ?? null;
}

function accepts(headers, wanted) {
  const accepted = (headers['accept-encoding'] ?? '').split(',');
  return accepted.some((coding) => coding.trim().split(';')[0] === wanted);
}

function validatorsOf(options, content, coding) {
  const { etag = `"${content.id}${coding ? `-${coding}` : ''}"` } = options;
  const { lastModified = 'Thu, 01 Jan 2026 00:00:00 GMT' } = options;
  return { etag, lastModified };
}

/** The correct answer, and what the options change about it. */
function representation(request, options, content, validators) {
  const whole = { status: options.status ?? 200, start: 0, end: content.size, headers: {} };
  const { headers, method } = request;
  const mayBePart =
    method === 'GET' && !options.ignoreRange && content.size !== Infinity && options.status === undefined;
  const isWanted = options.ignoreIfRange || ifRangeHolds(headers['if-range'], validators);
  if (!mayBePart || !isWanted) return whole;

  const range = parseRange(headers.range, content.size);
  if (range === null) return whole;
  if (range === 'unsatisfiable') {
    return { status: 416, start: 0, end: 0, headers: { 'content-range': `bytes */${content.size}` } };
  }
  const correct = `bytes ${range.start}-${range.end - 1}/${content.size}`;
  const contentRange = options.contentRange ? options.contentRange(correct, request) : correct;
  const sent = options.bodyRange ? options.bodyRange(range, request) : range;
  return { status: 206, ...sent, headers: { 'content-range': contentRange } };
}

/** A body whose coded length is known before it is sent. */
function codedAtOnce({ start, end, coding }, content) {
  const code = coding === 'br' ? brotliCompressSync : gzipSync;
  const coded = new FixedContent(code(content.read(start, end)));
  return { content: coded, start: 0, end: coded.size, coding: null };
}

/**
 * Decides status, headers and the bytes to send, `{status, headers, content, start, end, coding}`, where `end` is
 * exclusive and Infinity for an endless body.
 */
export function planResponse(request, path, options, content) {
  /** @type {Record<string, string>} */
  const headers = { 'cache-control': 'no-store', ...corsHeaders(options.cors, request) };
  const finish = (plan, extra) => {
    const all = { ...headers, ...extra };
    for (const [name, value] of Object.entries(options.headers ?? {})) all[name.toLowerCase()] = value;
    for (const [name, value] of Object.entries(all)) if (value === null) delete all[name];
    return { content, coding: null, ...plan, headers: all };
  };

  if (options.redirect) {
    const { to, status = 302 } = options.redirect.to ? options.redirect : { to: options.redirect };
    return finish({ status, start: 0, end: 0 }, { location: to, 'content-length': 0 });
  }
  if (options.status >= 300 && options.body === undefined && !NO_BODY.has(options.status)) {
    content = new FixedContent(`${options.status} ${STATUS_CODES[options.status] ?? ''}\n`);
  }

  const coding = options.status === undefined ? chosenCoding(options, request) : null;
  const validators = validatorsOf(options, content, coding);
  const type = options.type === undefined ? mediaType(path) : options.type;
  /** @type {Record<string, string | undefined>} */
  const about = { etag: validators.etag, 'last-modified': validators.lastModified };
  if (options.gzip || options.br) about.vary = [headers.vary, 'Accept-Encoding'].filter(Boolean).join(', ');
  if (!options.ignoreRange && content.size !== Infinity) about['accept-ranges'] = 'bytes';

  const refused = options.status === undefined ? preconditionStatus(request, validators) : null;
  if (refused) return finish({ status: refused, start: 0, end: 0 }, { ...about, 'content-length': null });

  const plan = { ...representation(request, options, content, validators), coding };
  if (NO_BODY.has(plan.status)) return finish({ ...plan, start: 0, end: 0 }, about);
  if (coding && options.codedLength) Object.assign(plan, codedAtOnce(plan, content));
  const isTold = !plan.coding && !options.noContentLength && !options.untilClose && plan.end !== Infinity;
  const length = isTold ? plan.end - plan.start : null;
  const extra = { ...about, 'content-type': type, 'content-length': length, ...plan.headers };
  if (coding) extra['content-encoding'] = coding;
  return finish(plan, extra);
}
