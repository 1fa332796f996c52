/** @type {WeakSet<Event>} */
const passedOn = new WeakSet();

/**
 * Whether an event was passed on, so that it is none of ours.
 *
 * @param {Event} event
 */
export function isPassedOn(event) {
  return passedOn.has(event);
}

/**
 * What the app's other listeners answer to a request, or the network where none does. For a `fetch` event whose
 * `respondWith()` was called before it was known whether the answer is ours: they get an event of their own.
 *
 * @param {FetchEvent} event
 * @returns {Promise<Response>}
 */
export async function passOn(event) {
  const { request, clientId, resultingClientId, preloadResponse } = event;
  const again = new FetchEvent('fetch', { request, clientId, resultingClientId, cancelable: true });
  /** @type {Promise<Response> | undefined} */
  let answer;
  const own = {
    preloadResponse,
    waitUntil: (/** @type {Promise<unknown>} */ promise) => event.waitUntil(promise),
    respondWith(/** @type {Response | Promise<Response>} */ response) {
      if (answer) throw new DOMException('respondWith() was already called', 'InvalidStateError');
      answer = Promise.resolve(response);
      again.stopImmediatePropagation();
    },
  };
  for (const [name, value] of Object.entries(own)) Object.defineProperty(again, name, { value });
  passedOn.add(again);
  self.dispatchEvent(again);
  return answer ?? (await preloadResponse) ?? fetch(request);
}
