import { parseManifest } from './check-manifest.js';
import { Problem } from './problem.js';

/** A larger one would fill the worker's memory; it has room for some hundred thousand files. */
const LONGEST = 32 << 20;

/**
 * The manifest of the server, or the last good one where the server cannot be reached.
 */
export class ManifestSource {
  #url;
  #stored;

  /**
   * @param {string} url absolute
   * @param {import('./stored-files.js').StoredFiles} stored
   */
  constructor(url, stored) {
    this.#url = url;
    this.#stored = stored;
  }

  /** @returns {Promise<import('../types/manifest.js').Manifest>} */
  async read() {
    const text = await this.#download();
    if (text === undefined) {
      const last = await this.#stored.manifest();
      if (last === undefined) throw new Problem(502, `the manifest ${this.#url} cannot be reached`);
      return parseManifest(last, this.#url);
    }
    const manifest = this.#parse(text);
    await this.#stored.putManifest(text);
    return manifest;
  }

  /** @param {string} text */
  #parse(text) {
    try {
      return parseManifest(text, this.#url);
    } catch (error) {
      throw new Problem(502, error.message);
    }
  }

  /** Undefined where there is no network. */
  async #download() {
    /** @type {Response} */
    let response;
    try {
      response = await fetch(this.#url, { cache: 'no-cache', credentials: 'same-origin' });
    } catch {
      return undefined;
    }
    if (!response.ok) throw new Problem(502, `the manifest ${this.#url} has status ${response.status}`);
    if (Number(response.headers.get('content-length')) > LONGEST) throw this.#tooLong();
    const text = await response.text().catch(() => undefined);
    if (text !== undefined && text.length > LONGEST) throw this.#tooLong();
    return text;
  }

  #tooLong() {
    return new Problem(502, `the manifest ${this.#url} has more than ${LONGEST} bytes`);
  }
}
