import { element, setText } from './dom.js';
import { formatBytes, formatClock } from './format.js';
import { waveform } from './waveform.js';

const STATES = { missing: 'Not stored', storing: 'Storing …', stored: 'Stored' };

/** One file of the set: shown or playable only once it is on this device. */
export class FileCard {
  #file;
  #stage;
  #badge;

  /** @param {{ url: string, kind: 'image' | 'audio', title: string, text: string, size: number }} file */
  constructor(file) {
    this.#file = file;
    this.#stage = element('div', { class: 'stage' });
    this.#badge = element('span', { class: 'badge' });
    const length = file.kind === 'audio' ? ` · ${formatClock(Math.floor(file.seconds))}` : '';
    const size = `${formatBytes(file.size)}${length}`;
    this.node = element(
      'li',
      { class: `file ${file.kind}` },
      this.#stage,
      element(
        'div',
        { class: 'about' },
        element('h3', {}, file.title),
        element('p', {}, file.text),
        element('p', { class: 'facts' }, this.#badge, element('span', { class: 'size' }, size)),
      ),
    );
    this.node.dataset.url = file.url;
    this.state = 'missing';
  }

  get state() {
    return this.node.dataset.state;
  }

  /** @param {'missing' | 'storing' | 'stored'} state */
  set state(state) {
    if (state === this.node.dataset.state) return;
    this.node.dataset.state = state;
    setText(this.#badge, STATES[state]);
    this.#stage.replaceChildren(...(state === 'stored' ? this.#contents() : []));
  }

  #contents() {
    const { url, kind, title, text } = this.#file;
    if (kind === 'image') {
      const { width, height } = this.#file;
      return [
        element('img', { src: url, alt: `${title}: ${text}`, width: String(width), height: String(height) }),
      ];
    }
    const audio = element('audio', { src: url, controls: true, preload: 'metadata', 'aria-label': title });
    return [waveform(this.#file.waveform, audio), audio];
  }
}
