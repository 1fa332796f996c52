import { createResponse } from './create-response.js';
import { internal, requireInternal, shapeInterfaces } from './web-idl.js';

/** https://wicg.github.io/background-fetch/#background-fetch-record-interface */
export class BackgroundFetchRecord {
  /** @type {() => Request} */
  #makeRequest;
  /** @type {() => Promise<Response>} */
  #readResponse;
  /** @type {Request | undefined} */
  #request;
  /** @type {Promise<Response> | undefined} */
  #responseReady;

  /** @param {any[]} args */
  constructor(...args) {
    requireInternal(args[0]);
    [, this.#makeRequest, this.#readResponse] = args;
  }

  get request() {
    return (this.#request ??= this.#makeRequest());
  }

  /** One promise for every read. It begins with the first: a fetch may have ten thousand records. */
  get responseReady() {
    try {
      return (this.#responseReady ??= this.#readResponse());
    } catch (error) {
      // A promise-typed attribute rejects and does not throw.
      return Promise.reject(error);
    }
  }
}

/**
 * @param {import('./realm.js').Realm} realm
 * @param {string} uid
 * @param {Polyfill.StoredRecord} record
 */
export function createRecord(realm, uid, { index, request }) {
  const readResponse = async () => createResponse(await realm.response(uid, index));
  return new BackgroundFetchRecord(internal, request, readResponse);
}

shapeInterfaces({ BackgroundFetchRecord });
