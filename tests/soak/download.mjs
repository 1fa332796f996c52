/** The events that a background fetch can end with. */
const SUCCESS = 'backgroundfetchsuccess';
const FAIL = 'backgroundfetchfail';
const ABORT = 'backgroundfetchabort';

/** One background fetch: what was asked of it, and what pages and worker told of it. */
export class Download {
  /** Whether fetch() has resolved, as far as a page could tell before it was left. */
  isBegun = false;
  /** Why fetch() or another call was refused. */
  refused = [];
  isMaybePaused = false;
  aborts = 0;
  pauses = 0;
  /** What calls of abort() resolved with. */
  abortAnswers = [];
  /** The reports of events, when the handler began and when it was through. */
  begun = [];
  ended = [];
  /** What was found to be wrong in the cache, and on the wire. */
  damage = [];

  /** `files`: `[{path, size, upload}]`, where `upload` is the length of a POST's body. */
  constructor(id, files, downloadTotal) {
    this.id = id;
    this.files = files;
    this.downloadTotal = downloadTotal;
  }

  get size() {
    return this.files.reduce((sum, { size }) => sum + size, 0);
  }

  get hasUpload() {
    return this.files.some(({ upload }) => upload !== undefined);
  }

  get hasAnswered() {
    return this.isBegun || this.refused.length > 0 || this.ended.length > 0;
  }

  get isThrough() {
    return this.ended.length > 0;
  }

  get duplicates() {
    return Math.max(0, this.begun.length - 1);
  }

  asked(call) {
    if (call === 'abort') this.aborts += 1;
    if (call === 'pause') {
      this.pauses += 1;
      this.isMaybePaused = true;
    }
    if (call === 'resume') this.isMaybePaused = false;
  }

  answered({ call, value, error, wasLeft }) {
    // A page that is left may refuse anything.
    if (error !== undefined && wasLeft !== 'true') this.refused.push(`${call}: ${error}`);
    if (error !== undefined) return;
    if (call === 'begin') this.isBegun = true;
    if (call === 'abort') this.abortAnswers.push(value);
    // undefined: no page has seen it begin, or it has ended.
    if (value === 'undefined' && call === 'pause') this.isMaybePaused = false;
  }

  /** The ends that it may come to. */
  get #mayEnd() {
    if (this.abortAnswers.includes('true')) return [ABORT];
    const ends = [SUCCESS];
    if (this.aborts > 0) ends.push(ABORT);
    // A POST whose page was left is never sent again.
    if (this.hasUpload) ends.push(FAIL);
    return ends;
  }

  /** What is wrong with its events. */
  get wrongEvents() {
    const wrong = this.begun.filter((event) => !this.#isRight(event));
    return wrong.map((event) => JSON.stringify(event));
  }

  #isRight({ type, result, failureReason, downloaded, downloadTotal, recordsAvailable }) {
    if (!this.#mayEnd.includes(type) || type !== this.begun[0].type) return false;
    if (Number(downloadTotal) !== this.downloadTotal || recordsAvailable !== 'true') return false;
    if (type === SUCCESS)
      return result === 'success' && failureReason === '' && Number(downloaded) === this.size;
    return result === 'failure' && failureReason === (type === ABORT ? 'aborted' : 'fetch-error');
  }

  /** The caches that it has stored its files into, of events that are through. */
  static cacheOf({ type, cache }) {
    return type === SUCCESS ? cache : null;
  }
}
