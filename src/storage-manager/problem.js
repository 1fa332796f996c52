/**
 * A problem of the HTTP API, as [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) describes it: `type` is `about:blank`, so that
 * the status tells what it is; `detail` says it in words, and `members` are further ones.
 */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {string} detail
   * @param {Record<string, unknown>} [members]
   * @param {Record<string, string>} [headers]
   */
  constructor(status, detail, members = {}, headers = {}) {
    super(detail);
    this.status = status;
    this.members = members;
    this.headers = headers;
  }

  toResponse() {
    const { status, message: detail, members } = this;
    const body = JSON.stringify({ title: TITLES[status], status, detail, ...members });
    const headers = {
      ...this.headers,
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
    };
    return new Response(body, { status, headers });
  }
}

/** @type {Record<number, string>} */
const TITLES = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  415: 'Unsupported Media Type',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  507: 'Insufficient Storage',
};
