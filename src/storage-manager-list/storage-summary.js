import { create, setText } from '../shelf/dom.js';
import { formatSize } from '../shelf/format.js';

/** How much is stored, of how much there is room for. */
export class StorageSummary {
  #words = create('p', { part: 'summary' });
  #value = create('div', { part: 'room-value' });
  // The words say it, too.
  #room = create('div', { part: 'room', 'aria-hidden': 'true' }, this.#value);
  element = create('div', { part: 'storage' }, this.#words, this.#room);

  /**
   * @param {import('../types/storage-manager.js').StorageUse} storage
   * @param {import('./set-state.js').Texts} texts
   */
  update(storage, texts) {
    const room = roomOf(storage);
    const [used, all] = [storage.stored, room].map((size) => formatSize(texts.language, size ?? 0));
    setText(this.#words, room === undefined ? texts.summary(used) : texts.summaryOf(used, all));
    this.#room.hidden = !room;
    this.#value.style.setProperty('--share', `${room ? Math.min(1, storage.stored / room) : 0}`);
  }
}

/**
 * What the sets may have. Other things of the origin may have taken some of it.
 *
 * @param {import('../types/storage-manager.js').StorageUse} storage
 */
function roomOf({ stored, usage, quota, limit }) {
  if (quota === undefined || usage === undefined) return limit;
  return Math.min(limit ?? Infinity, Math.max(stored, stored + quota - usage));
}
