import { button, create, setText } from './dom.js';
import { formatSize } from './format.js';

/** How much room there is, and a button that asks the browser to keep what is stored. */
export class StorageNote {
  #room = create('span', { part: 'room' });
  #persist = button('button persist');
  element = create('p', { part: 'storage' }, this.#room, ' ', this.#persist);

  constructor() {
    this.element.hidden = true;
    this.#persist.hidden = true;
  }

  /** @param {typeof import('./texts.js').TEXTS} texts */
  async update(texts) {
    // WebKitGTK has none.
    const { storage } = navigator;
    if (!storage?.estimate) return;
    const [{ usage, quota }, isPersisted] = await Promise.all([
      storage.estimate(),
      storage.persisted?.() ?? true,
    ]);
    if (usage === undefined || quota === undefined) return;
    const [used, free] = [usage, Math.max(0, quota - usage)].map((size) => formatSize(texts.language, size));
    setText(this.#room, texts.storage(used, free));
    setText(this.#persist, texts.persist);
    this.#persist.hidden = isPersisted || !storage.persist;
    this.#persist.onclick = async () => {
      // Where it is refused, asking again changes nothing.
      await storage.persist();
      await this.update(texts);
      this.#persist.hidden = true;
    };
    this.element.hidden = false;
  }
}
