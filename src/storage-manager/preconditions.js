/**
 * Of a file: its strong entity tag, and when it was changed, as an HTTP date.
 *
 * @typedef {{ etag: string, lastModified?: string }} Validators
 */

/**
 * 412 or 304 where a precondition says so, in the order of
 * [RFC 9110, 13.2.2](https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2); otherwise undefined. For GET and HEAD.
 *
 * @param {Headers} headers of the request
 * @param {Validators} validators
 * @returns {412 | 304 | undefined}
 */
export function preconditionStatus(headers, { etag, lastModified }) {
  const [match, noneMatch] = ['if-match', 'if-none-match'].map((name) => headers.get(name));
  const modified = date(lastModified);
  /** @param {string} name */
  const isChangedSince = (name) => modified > date(headers.get(name));
  if (match !== null) {
    // Ours is strong, and so must theirs be.
    if (!isListed(match, etag, false)) return 412;
  } else if (isChangedSince('if-unmodified-since')) return 412;
  if (noneMatch !== null) return isListed(noneMatch, etag, true) ? 304 : undefined;
  return modified <= date(headers.get('if-modified-since')) ? 304 : undefined;
}

/**
 * Whether a `Range` field counts: `If-Range` names this version, by strong comparison
 * ([RFC 9110, 13.1.5](https://www.rfc-editor.org/rfc/rfc9110#section-13.1.5)).
 *
 * @param {string | null} field
 * @param {Validators} validators
 */
export function rangeApplies(field, { etag, lastModified }) {
  // A date matches exactly or not at all.
  return field === null || field === etag || (lastModified !== undefined && field === lastModified);
}

/**
 * @param {string} field
 * @param {string} etag
 * @param {boolean} isWeak whether theirs may be weak
 */
function isListed(field, etag, isWeak) {
  if (field.trim() === '*') return true;
  const tags = field.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => tag === etag || (isWeak && tag === `W/${etag}`));
}

/**
 * NaN, which compares with nothing, where there is none.
 *
 * @param {string | null | undefined} text
 */
function date(text) {
  return Date.parse(text ?? '');
}
