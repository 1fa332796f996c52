import { Problem } from './problem.js';
import { serve } from './serve.js';

/**
 * The answer with a stored file as an attachment ([RFC 6266](https://www.rfc-editor.org/rfc/rfc6266)).
 *
 * @param {Request} request
 * @param {import('./stored-files.js').StoredFiles} stored
 */
export async function attachment(request, stored) {
  const { searchParams } = new URL(request.url);
  const file = await stored.file(searchParams.get('url') ?? '');
  if (!file) return new Problem(404, 'the file is not stored').toResponse();
  const disposition = `attachment; filename*=UTF-8''${toValue(searchParams.get('name') ?? '')}`;
  const others = file.headers.filter(([name]) => name !== 'content-disposition');
  const headers = /** @type {[string, string][]} */ ([...others, ['content-disposition', disposition]]);
  return serve(request, { ...file, headers }, stored);
}

/**
 * [RFC 8187, 3.2](https://www.rfc-editor.org/rfc/rfc8187#section-3.2)
 *
 * @param {string} name
 */
function toValue(name) {
  const escape = (/** @type {string} */ character) =>
    `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(name.replace(/\p{Surrogate}/gu, '\uFFFD')).replace(/['()*]/g, escape);
}
