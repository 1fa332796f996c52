/** https://fetch.spec.whatwg.org/#null-body-status */
const NULL_BODY_STATUSES = [101, 103, 204, 205, 304];

/**
 * A platform Response for a stored one, so that the Cache API takes it.
 *
 * @param {Polyfill.StoredResponse} stored
 */
export function createResponse({ status, statusText, headers, body, url, redirected, type }) {
  // Opaque redirects have no status that the constructor takes.
  const isConstructible = status >= 200 && status <= 599;
  const hasBody = isConstructible && !NULL_BODY_STATUSES.includes(status);
  const isWhole = body instanceof ArrayBuffer;
  if (!hasBody && !isWhole) body.free();
  const content = hasBody ? (isWhole ? body : streamOf(body)) : null;
  const init = { status, statusText, headers };
  const response = isConstructible ? new Response(content, init) : Response.error();
  return shape(response, { url, redirected, type });
}

/**
 * Bytes as they come in, none before it is read. What was begun to be read is held until its end, or until it is collected.
 *
 * @param {Polyfill.Body} body
 */
function streamOf(body) {
  let isFree = false;
  const free = () => {
    if (!isFree) body.free();
    isFree = true;
  };
  /** @param {ReadableStreamDefaultController<Uint8Array>} controller */
  const pull = async (controller) => {
    try {
      const bytes = await body.next();
      if (isFree) return;
      if (bytes) controller.enqueue(new Uint8Array(bytes));
      else {
        free();
        controller.close();
      }
    } catch (error) {
      free();
      throw error;
    }
  };
  return new ReadableStream({ pull, cancel: free }, { highWaterMark: 0 });
}

/**
 * The constructor gives no way to set these, and `clone()` makes a Response without them.
 *
 * @param {Response} response
 * @param {Pick<Response, 'url' | 'redirected' | 'type'>} attributes
 * @returns {Response}
 */
function shape(response, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    Object.defineProperty(response, name, { value, configurable: true });
  }
  const clone = () => shape(Response.prototype.clone.call(response), attributes);
  return Object.defineProperty(response, 'clone', { value: clone, configurable: true, writable: true });
}
