/**
 * A request whose body is sent with XMLHttpRequest, which alone tells how much of it has left. There is none in service
 * workers, and it gives the response's body only as a whole.
 */
export class Upload {
  #request = new XMLHttpRequest();
  /** @type {Promise<unknown>} */
  #head;
  /** @type {Promise<unknown>} */
  #end;

  static get isPossible() {
    return 'XMLHttpRequest' in globalThis;
  }

  /**
   * Throws where the request cannot be built.
   *
   * @param {string} method
   * @param {string} url
   * @param {[string, string][]} headers
   * @param {boolean} withCredentials
   * @param {any} body
   * @param {(uploaded: number) => void} handleProgress
   */
  constructor(method, url, headers, withCredentials, body, handleProgress) {
    const request = this.#request;
    request.open(method, url);
    for (const [name, value] of headers) request.setRequestHeader(name, value);
    request.withCredentials = withCredentials;
    request.responseType = 'arraybuffer';
    request.upload.onprogress = ({ loaded }) => handleProgress(loaded);
    this.#head = new Promise((resolve) => {
      request.onreadystatechange = () =>
        request.readyState >= XMLHttpRequest.HEADERS_RECEIVED && resolve(undefined);
    });
    this.#end = new Promise((resolve, reject) => {
      request.onload = resolve;
      request.onerror = request.onabort = reject;
    });
    // Who is not told of the head does not ask for the end.
    this.#end.catch(() => {});
    request.send(body);
  }

  /**
   * Resolves to what `headOf()` in network.js gives of other responses; to undefined where the request failed.
   *
   * @param {string} origin of this realm
   * @param {string} url without a fragment
   */
  async head(origin, url) {
    await this.#head;
    const { status, statusText, responseURL } = this.#request;
    if (status === 0) return undefined;
    return {
      status,
      statusText,
      headers: this.#request.getAllResponseHeaders(),
      url: responseURL,
      redirected: responseURL !== url,
      type: new URL(responseURL).origin === origin ? 'basic' : 'cors',
    };
  }

  /** Resolves to the body; rejects where it does not come. */
  async body() {
    await this.#end;
    const { response } = this.#request;
    return response && new Uint8Array(response);
  }

  /** Does nothing to one that is through. */
  abort() {
    this.#request.onreadystatechange = null;
    this.#request.upload.onprogress = null;
    this.#request.abort();
  }
}
