import { RandomFaults } from '../server/random-faults.mjs';
import { Download } from './download.mjs';

const KIB = 1 << 10;
const MIB = 1 << 20;

/** Sizes of files and how often they come. */
const SIZES = { tiny: 3, small: 4, middle: 3, big: 2 };
const BOUNDS = { tiny: [0, 100], small: [KIB, 64 * KIB], middle: [64 * KIB, MIB], big: [MIB, 4 * MIB] };
/** As many different contents: the test server keeps a block of each. No two files that are under way have the same. */
const CONTENTS = 64;

/** All background fetches of a run, and what pages and worker have told. */
export class Ledger {
  /** By id. */
  downloads = new Map();
  /** Errors that escaped in a page or the worker, in a page that the browser had stopped, and what they printed as one. */
  escaped = [];
  stopped = [];
  complained = [];
  /** No more than these faults of the server. */
  hasFaults = true;
  #server;
  #files = 0;
  #ended;

  /** `ended(event)` is called when the handler of an event is through. */
  constructor(server, { ended }) {
    this.#server = server;
    this.#ended = ended;
  }

  get all() {
    return [...this.downloads.values()];
  }

  /** Those that pages can still do something to. */
  get open() {
    return this.all.filter((download) => download.isBegun && !download.isThrough);
  }

  /** One that is not begun yet, with its files on the server. */
  plan(choices) {
    const id = `download ${this.downloads.size + 1}`;
    const count = choices.between(1, 4);
    const uploads = choices.chance(0.15);
    const files = Array.from({ length: count }, (_, n) => this.#addFile(choices.of(n), uploads && n === 0));
    const size = files.reduce((sum, file) => sum + file.size, 0);
    const download = new Download(id, files, choices.chance(0.5) ? size : 0);
    this.downloads.set(id, download);
    return download;
  }

  #addFile(choices, isUpload) {
    const path = `/files/${(this.#files += 1)}`;
    const size = choices.between(...BOUNDS[choices.weighted(SIZES)]);
    const faults = new RandomFaults(choices.of('faults'), size);
    this.#server.file(path, {
      size,
      seed: `content ${this.#files % CONTENTS}`,
      throttle: choices.between(MIB, 8 * MIB),
      script: (request) => (this.hasFaults ? faults.next(request) : {}),
    });
    return { path, size, upload: isUpload ? choices.between(1, 300 * KIB) : undefined };
  }

  receive(report) {
    const { what, id, message } = report;
    const download = this.downloads.get(id);
    switch (what) {
      case 'answered':
        if (download) download.answered(report);
        else if (report.error !== undefined && report.wasLeft !== 'true') this.escaped.push(report.error);
        break;
      case 'begun':
        download.begun.push(report);
        break;
      case 'threw':
        download.damage.push(`the handler threw ${message}`);
      // Falls through: it is over all the same.
      case 'ended':
        download.ended.push(report);
        this.#ended(download, report);
        break;
      default:
        this[what].push(message);
    }
  }
}
