/** https://fetch.spec.whatwg.org/#null-body-status */
const NULL_BODY_STATUSES = [101, 103, 204, 205, 304];

const LARGE = 1 << 20;

/** A platform Response for a stored one, so that the Cache API takes it. */
export function createResponse({ status, statusText, headers, chunks, body, url, redirected, type }) {
  // Opaque redirects have no status that the constructor takes.
  const isConstructible = status >= 200 && status <= 599;
  const hasBody = isConstructible && !NULL_BODY_STATUSES.includes(status);
  if (!hasBody) body?.free();
  const content = hasBody ? (chunks ? whole(chunks) : streamOf(body)) : null;
  const init = { status, statusText, headers };
  const response = isConstructible ? new Response(content, init) : Response.error();
  return shape(response, { url, redirected, type });
}

/**
 * A complete body. Now and then Firefox (153) never ends a `cache.put()` of a large Blob that is made of stored ones, nor
 * that of such a Blob's stream. In the other browsers a Blob saves copying its bytes through the script.
 */
function whole(chunks) {
  const blob = new Blob(chunks);
  if (blob.size < LARGE || !navigator.userAgent.includes('Firefox/')) return blob;
  const rest = chunks.values();
  return streamOf({ next: async () => rest.next().value, free() {} }, 1);
}

/**
 * Bytes as they come in, and no more than `ahead` pieces before they are read. What is not read to its end is held until
 * it is collected.
 */
function streamOf(body, ahead = 0) {
  let isFree = false;
  const free = () => {
    if (!isFree) body.free();
    isFree = true;
  };
  const pull = async (controller) => {
    try {
      const bytes = await body.next();
      if (isFree) return;
      if (bytes)
        controller.enqueue(new Uint8Array(bytes instanceof Blob ? await bytes.arrayBuffer() : bytes));
      else {
        free();
        controller.close();
      }
    } catch (error) {
      free();
      throw error;
    }
  };
  return new ReadableStream({ pull, cancel: free }, { highWaterMark: ahead });
}

/** The constructor gives no way to set these, and `clone()` makes a Response without them. */
function shape(response, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    Object.defineProperty(response, name, { value, configurable: true });
  }
  const clone = () => shape(Response.prototype.clone.call(response), attributes);
  return Object.defineProperty(response, 'clone', { value: clone, configurable: true, writable: true });
}
