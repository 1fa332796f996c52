/**
 * Which URLs are stored, in memory: requests for others pass without a look at the database.
 */
export class StoredUrls {
  #stored;
  /** @type {Set<string> | undefined} */
  #urls;

  /** @param {import('./stored-files.js').StoredFiles} stored */
  constructor(stored) {
    this.#stored = stored;
  }

  /**
   * Undefined while it is not known.
   *
   * @param {string} url
   */
  has(url) {
    return this.#urls?.has(url);
  }

  /** Reads them, after the worker has started or something has changed. */
  async load() {
    this.#urls = new Set(await this.#stored.urls());
  }
}
