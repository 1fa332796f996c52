/** What came of a trial. */
export class Outcome {
  /** Bytes, or the whole fetch, that were acknowledged and are gone: `[{bytes, what}]`. */
  lost = [];
  /**
   * Why the browser deleted the database, where it says so. LevelDB goes on with a log whose last record a kill has cut,
   * and takes it for damaged the next time (https://github.com/google/leveldb/issues/1287): no page can prevent it.
   */
  deleted = null;
  /** Bytes or figures that are not what they should be. */
  corrupt = [];
  /** What the browser has stored of a chunk that is not whole: no fault as long as nobody was shown it. */
  unreadable = [];
  /** Events that came again without a kill. */
  repeated = [];
  /** Why it is not through. */
  hung = null;
  /** `[{kind, step, resent}]`: why then, how far the fetch was, and the bytes that were on their way. */
  kills = [];
  events = 0;
  ms = 0;
  /** What page and database were in the end, where it is not good. */
  state = null;

  constructor(seed) {
    this.seed = seed;
  }

  get isGood() {
    return this.faults.length === 0;
  }

  get duplicates() {
    return Math.max(0, this.events - 1);
  }

  get lostBytes() {
    return this.lost.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get resent() {
    return this.kills.reduce((sum, { resent }) => sum + resent, 0);
  }

  get faults() {
    return [
      ...this.lost.map(({ what }) => `lost: ${what}`),
      ...this.corrupt.map((what) => `corrupt: ${what}`),
      ...this.repeated.map((what) => `repeated: ${what}`),
      ...(this.hung ? [`hung: ${this.hung}`] : []),
    ];
  }

  toString() {
    const kills = this.kills.map(({ kind, step }) => (kind === step ? kind : `${kind}/${step}`)).join(', ');
    const good = `seed ${this.seed}: ${(this.ms / 1000).toFixed(1)} s, killed at ${kills}`;
    const notes = [
      ...this.unreadable.map((what) => `  after a kill, ${what}`),
      ...(this.deleted ? [`  the browser deleted the database: ${this.deleted}`] : []),
    ];
    return [good, ...notes, ...this.faults.map((fault) => `  ${fault}`)].join('\n');
  }
}
