import { button, create, setText } from './dom.js';
import { formatPercent, formatSize } from './format.js';

/** Read and shown at once; the next when they are asked for. */
const PAGE = 20;

/**
 * A file of a background fetch.
 *
 * @typedef {object} File
 * @property {string} url
 * @property {number} received bytes
 * @property {number | undefined} total
 * @property {boolean} isDone
 * @property {boolean} hasFailed
 */

/** The files of one entry, as far as somebody has asked to see them. */
export class FileList {
  #list = create('ul', { part: 'files', role: 'list' });
  #more = button('button more');
  #read;
  #texts;
  #shown = 0;
  #count = 0;

  element = create('div', { part: 'files-area' }, this.#list, this.#more);

  /**
   * @param {(from: number, count: number) => Promise<File[]>} read
   * @param {typeof import('./texts.js').TEXTS} texts
   */
  constructor(read, texts) {
    this.#read = read;
    this.#texts = texts;
    setText(this.#more, texts.more);
    this.#more.addEventListener('click', () => this.#showMore());
  }

  /** @param {number} count of all there are */
  async open(count) {
    this.#count = count;
    if (this.#shown === 0) await this.#showMore();
  }

  /** What has changed of those that are shown. */
  async update() {
    this.#fill(await this.#read(0, this.#shown));
  }

  async #showMore() {
    this.#shown = Math.min(this.#count, this.#shown + PAGE);
    this.#more.hidden = this.#shown === this.#count;
    await this.update();
  }

  /** @param {File[]} files */
  #fill(files) {
    files.forEach((file, at) => {
      const item = this.#list.children[at] ?? this.#list.appendChild(itemOf());
      const [name, state] = item.children;
      setText(name, nameOf(file));
      setText(state, this.#stateOf(file));
    });
  }

  /** @param {File} file */
  #stateOf({ received, total, isDone, hasFailed }) {
    const { language, success, failure } = this.#texts;
    if (isDone) return `${success} · ${formatSize(language, received)}`;
    if (hasFailed) return failure;
    return total ? formatPercent(language, received / total) : formatSize(language, received);
  }
}

function itemOf() {
  return create(
    'li',
    { part: 'file' },
    create('span', { part: 'file-name' }),
    create('span', { part: 'file-state' }),
  );
}

/** @param {File} file */
function nameOf({ url }) {
  const { pathname, href } = new URL(url);
  const [last] = pathname.split('/').slice(-1);
  try {
    return decodeURIComponent(last) || href;
  } catch {
    return last;
  }
}
