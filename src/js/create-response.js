/** https://fetch.spec.whatwg.org/#null-body-status */
const NULL_BODY_STATUSES = [101, 103, 204, 205, 304];

/** A platform Response for a stored one, so that the Cache API takes it. */
export function createResponse({ status, statusText, headers, chunks, url, redirected, type }) {
  // Opaque redirects have no status that the constructor takes.
  if (status < 200 || status > 599) return shape(Response.error(), { url, redirected, type });
  const body = NULL_BODY_STATUSES.includes(status) ? null : new Blob(chunks);
  return shape(new Response(body, { status, statusText, headers }), { url, redirected, type });
}

/** The constructor gives no way to set these, and `clone()` makes a Response without them. */
function shape(response, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    Object.defineProperty(response, name, { value, configurable: true });
  }
  const clone = () => shape(Response.prototype.clone.call(response), attributes);
  return Object.defineProperty(response, 'clone', { value: clone, configurable: true, writable: true });
}
