import { Announcer } from '../shelf/announcer.js';
import { attachStyled, button, create, setAttribute, setText } from '../shelf/dom.js';
import { announcementText } from './announcement-text.js';
import { problemText } from './problem-text.js';
import { matching } from './search.js';
import { SetRow } from './set-row.js';
import { sharedManager } from './shared-manager.js';
import { StorageSummary } from './storage-summary.js';
import { STYLE } from './style.js';
import { TEXTS } from './texts.js';

/**
 * @typedef {import('../types/storage-manager.js').StorageManager} StorageManager
 * @typedef {import('../types/storage-manager.js').Snapshot} Snapshot
 * @typedef {import('./set-state.js').SetState} SetState
 * @typedef {import('./set-state.js').Action} Action
 */

/** Rows are made so many at a time, before the end of those that are there can be seen. */
const STEP = 24;
const MARGIN = '800px';
/** Fewer are found by looking. */
const MOST_WITHOUT_SEARCH = 8;

/** @type {Record<Exclude<Action, 'remove' | 'keep'>, (manager: StorageManager, set: SetState) => Promise<unknown>>} */
const CALLS = {
  store: (manager, { id }) => manager.store(id),
  update: (manager, { id }) => manager.store(id),
  retry: (manager, { id }) => manager.store(id),
  pause: (manager, { id }) => manager.pause(id),
  resume: (manager, { id }) => manager.resume(id),
  // Of an update, the version before it stays.
  cancel: (manager, { id, isStored }) => (isStored ? manager.cancel(id) : manager.remove(id)),
  confirm: (manager, { id }) => manager.remove(id),
  pin: (manager, { id, isPinned }) => manager.pin(id, !isPinned),
};

/** In service workers and on servers there is none, and the module may be imported there. */
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? Object);

/**
 * `<storage-manager-list>`: shows the sets of the storage manager, to be stored, updated and removed.
 *
 * Attribute: `endpoint`, as in the worker's options.
 */
export class StorageManagerList extends Base {
  #texts = TEXTS;
  #heading = create('h2', { part: 'heading', id: 'heading', tabindex: '-1' });
  #summary = new StorageSummary();
  #search = create('input', { part: 'search', type: 'search', autocomplete: 'off', enterkeyhint: 'search' });
  #found = create('p', { part: 'found', role: 'status' });
  #finder = create('div', { part: 'finder' }, this.#search, this.#found);
  #note = create('p', { part: 'note' });
  #reload = button('button reload');
  #notice = create('div', { part: 'notice' }, this.#note, this.#reload);
  #list = create('ul', { part: 'list', role: 'list', 'aria-labelledby': 'heading' });
  #more = button('button more');
  #announcer = new Announcer();
  #section = create(
    'section',
    { part: 'sets', 'aria-labelledby': 'heading' },
    create('header', { part: 'header' }, this.#heading, this.#summary.element, this.#finder),
    this.#notice,
    this.#list,
    this.#more,
    this.#announcer.element,
  );
  /** @type {StorageManager | undefined} */
  #given;
  /** @type {StorageManager | undefined} */
  #manager;
  /** @type {(() => void) | undefined} */
  #unsubscribe;
  /** @type {Snapshot | undefined} */
  #snapshot;
  /** @type {Map<string, { row: SetRow, set: SetState | undefined }>} */
  #rows = new Map();
  /** @type {IntersectionObserver | undefined} */
  #observer;
  #limit = STEP;
  /** @type {Set<string>} */
  #busy = new Set();
  /** @type {Map<string, any>} */
  #problems = new Map();
  /** @type {string | undefined} */
  #confirming;
  #canPause = true;

  static observedAttributes = ['endpoint'];

  constructor() {
    super();
    attachStyled(this, STYLE, this.#section);
    this.#search.addEventListener('input', () => this.#find());
    this.#reload.addEventListener('click', () => this.#manager?.refresh());
    this.#more.addEventListener('click', () => this.#showMore());
    this.#section.addEventListener('keydown', (event) => this.#handleKey(event));
  }

  /** What it shows the sets of. */
  get manager() {
    return this.#given ?? this.#manager;
  }

  /** @param {StorageManager | undefined} manager */
  set manager(manager) {
    this.#given = manager;
    this.#restart();
  }

  /** What the list says. An app gives what is to differ from the English texts. */
  get texts() {
    return this.#texts;
  }

  /** @param {import('../types/storage-manager-list.js').SomeStorageManagerListTexts} texts */
  set texts(texts) {
    this.#texts = {
      ...TEXTS,
      ...texts,
      failures: { ...TEXTS.failures, ...texts.failures },
      problems: { ...TEXTS.problems, ...texts.problems },
    };
    this.#render();
  }

  connectedCallback() {
    this.#announcer.open();
    this.#observer = new IntersectionObserver((seen) => this.#handleSeen(seen), { rootMargin: MARGIN });
    this.#start();
  }

  /** Nothing of it goes on. */
  disconnectedCallback() {
    this.#stop();
    this.#observer?.disconnect();
    this.#announcer.close();
  }

  attributeChangedCallback() {
    this.#restart();
  }

  #restart() {
    if (!this.#unsubscribe) return;
    this.#stop();
    this.#start();
  }

  #start() {
    // Without HTTPS, and in some private windows.
    if (!this.#given && !navigator.serviceWorker) {
      this.#snapshot = { sets: [], storage: { stored: 0 }, error: { status: 0 } };
    } else {
      this.#manager = this.#given ?? sharedManager(this.getAttribute('endpoint') ?? undefined);
      this.#snapshot = this.#manager.getSnapshot();
      this.#unsubscribe = this.#manager.subscribe(() => this.#handleChange());
    }
    this.#render();
  }

  #stop() {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#manager = undefined;
    this.#snapshot = undefined;
    this.#confirming = undefined;
    this.#canPause = true;
    for (const each of [this.#rows, this.#busy, this.#problems]) each.clear();
    this.#list.replaceChildren();
  }

  #handleChange() {
    const before = this.#snapshot;
    const after = this.#manager?.getSnapshot();
    if (!after) return;
    this.#snapshot = after;
    if (before) this.#tell(before, after);
    if (after.error && !before?.error) this.#announcer.say(this.#problemText(after.error));
    this.#update();
  }

  /**
   * @param {Snapshot} before
   * @param {Snapshot} after
   */
  #tell(before, after) {
    const sets = new Map(after.sets.map((set) => [set.id, set]));
    before.sets.forEach((set, at) => {
      if (set === after.sets[at]) return;
      const now = sets.get(set.id);
      if (now?.state !== set.state) this.#problems.delete(set.id);
      const said = announcementText(set, now, this.#texts);
      if (said) this.#announcer.say(said);
    });
    if (after.storage.stored < before.storage.stored) this.#forgetMissingRoom();
  }

  /** There may be room now. */
  #forgetMissingRoom() {
    for (const [id, { status }] of this.#problems) {
      if (status !== 507) continue;
      this.#problems.delete(id);
      this.#updateRow(id);
    }
  }

  /** All of it. */
  #render() {
    if (!this.isConnected) return;
    const texts = this.#texts;
    setAttribute(this.#section, 'lang', texts.language);
    setAttribute(this.#section, 'dir', texts.direction);
    setText(this.#heading, texts.heading);
    for (const name of ['placeholder', 'aria-label']) setAttribute(this.#search, name, texts.search);
    setText(this.#reload, texts.reload);
    setText(this.#more, texts.more);
    for (const place of this.#rows.values()) place.set = undefined;
    this.#update();
  }

  #update() {
    const { sets = [], storage, error } = this.#snapshot ?? {};
    this.#summary.element.hidden = sets.length === 0;
    if (storage) this.#summary.update(storage, this.#texts);
    this.#finder.hidden = sets.length <= MOST_WITHOUT_SEARCH;
    // What nobody sees must not filter.
    if (this.#finder.hidden) this.#search.value = '';
    setText(this.#note, this.#noteText());
    this.#reload.hidden = !error;
    this.#notice.hidden = !this.#note.textContent;
    this.#arrange();
  }

  #noteText() {
    const { sets, error } = this.#snapshot ?? {};
    const texts = this.#texts;
    if (!sets) return texts.loading;
    if (error) return this.#problemText(error) + (sets.length > 0 ? ` ${texts.lastKnown}` : '');
    return sets.length > 0 ? '' : texts.empty;
  }

  /** @param {any} error */
  #problemText(error) {
    return problemText(error, (id) => this.#setOf(id)?.title ?? id, this.#texts);
  }

  /** @param {string} id */
  #setOf(id) {
    return this.#snapshot?.sets.find((set) => set.id === id);
  }

  /** A row for each set that is to be seen, in their order. */
  #arrange() {
    const { sets = [] } = this.#snapshot ?? {};
    const found = matching(sets, this.#search.value);
    this.#showFound(found.length, sets.length);
    const shown = found.slice(0, this.#limit);
    this.#more.hidden = shown.length === found.length;
    this.#removeOthers(shown);
    const focused = this.shadowRoot?.activeElement;
    let next = this.#list.firstElementChild;
    for (const set of shown) {
      const { item } = this.#placeOf(set).row;
      if (item === next) next = next.nextElementSibling;
      else this.#list.insertBefore(item, next);
    }
    // An item that is moved loses it.
    if (focused instanceof HTMLElement && this.#list.contains(focused))
      focused.focus({ preventScroll: true });
    for (const set of shown) this.#showSet(set);
    this.#watchEnd();
  }

  /**
   * @param {number} count
   * @param {number} total
   */
  #showFound(count, total) {
    const isAsked = this.#search.value.trim() !== '';
    const texts = this.#texts;
    const told = count > 0 ? texts.found(count, total) : texts.nothingFound;
    setText(this.#found, isAsked ? told : '');
  }

  /** @param {SetState[]} shown */
  #removeOthers(shown) {
    const ids = new Set(shown.map(({ id }) => id));
    for (const [id, { row }] of this.#rows) {
      if (ids.has(id)) continue;
      this.#rows.delete(id);
      this.#keepFocus(row.item);
      row.item.remove();
    }
  }

  /**
   * The item goes away with the focus in it.
   *
   * @param {HTMLLIElement} item
   */
  #keepFocus(item) {
    if (!item.contains(this.shadowRoot?.activeElement ?? null)) return;
    for (const each of [item.nextElementSibling, item.previousElementSibling]) {
      const { id = '' } = /** @type {HTMLElement | null} */ (each)?.dataset ?? {};
      if (this.#rows.get(id)?.row.focus()) return;
    }
    this.#heading.focus();
  }

  /** @param {SetState} set */
  #placeOf({ id }) {
    const known = this.#rows.get(id);
    if (known) return known;
    const place = { row: new SetRow((action) => this.#act(id, action)), set: undefined };
    this.#rows.set(id, place);
    return place;
  }

  /**
   * Nothing where it is shown as it is.
   *
   * @param {SetState} set
   */
  #showSet(set) {
    const place = this.#rows.get(set.id);
    if (!place || place.set === set) return;
    place.set = set;
    const problem = this.#problems.get(set.id);
    const moment = {
      isBusy: this.#busy.has(set.id),
      isConfirming: this.#confirming === set.id && set.isStored,
      canPause: this.#canPause,
      problem: problem ? this.#problemText(problem) : '',
    };
    place.row.update(set, moment, this.#texts);
  }

  /** @param {string | undefined} id */
  #updateRow(id) {
    const place = this.#rows.get(id ?? '');
    const set = place?.set;
    if (!place || !set) return;
    place.set = undefined;
    this.#showSet(set);
  }

  #find() {
    this.#limit = STEP;
    this.#arrange();
  }

  /** Looked at anew each time: an observer says nothing of what stays in view. */
  #watchEnd() {
    this.#observer?.disconnect();
    if (!this.#more.hidden) this.#observer?.observe(this.#more);
  }

  /** @param {IntersectionObserverEntry[]} seen */
  #handleSeen(seen) {
    if (!seen.some(({ isIntersecting }) => isIntersecting)) return;
    this.#limit += STEP;
    this.#arrange();
  }

  #showMore() {
    const last = this.#list.lastElementChild;
    this.#limit += STEP;
    this.#arrange();
    const { id = '' } = /** @type {HTMLElement | null} */ (last?.nextElementSibling)?.dataset ?? {};
    this.#rows.get(id)?.row.focus();
  }

  /** @param {KeyboardEvent} event */
  #handleKey(event) {
    if (event.key !== 'Escape' || this.#confirming === undefined) return;
    // The dialog around stays open.
    event.preventDefault();
    event.stopPropagation();
    this.#act(this.#confirming, 'keep');
  }

  /**
   * @param {string} id
   * @param {Action} action
   */
  async #act(id, action) {
    if (action === 'remove') this.#confirm(id, 'keep');
    else if (action === 'keep') this.#confirm(undefined, 'remove');
    else await this.#perform(id, action);
  }

  /**
   * Asks whether a set is to be removed, or does not ask any more.
   *
   * @param {string | undefined} id
   * @param {Action} focused
   */
  #confirm(id, focused) {
    const before = this.#confirming;
    this.#confirming = id;
    this.#updateRow(before);
    this.#updateRow(id);
    this.#rows.get(id ?? before ?? '')?.row.focus(focused);
  }

  /**
   * @param {string} id
   * @param {keyof typeof CALLS} action
   */
  async #perform(id, action) {
    const set = this.#setOf(id);
    const manager = this.#manager;
    if (!set || !manager) return;
    if (action === 'confirm') this.#confirming = undefined;
    this.#problems.delete(id);
    this.#busy.add(id);
    this.#updateRow(id);
    const error = await errorOf(CALLS[action](manager, set));
    if (this.#manager === manager) await manager.refresh();
    // It may have been removed, and put elsewhere, meanwhile.
    if (this.#manager !== manager) return;
    this.#busy.delete(id);
    if (error) this.#handleError(id, action, error);
    this.#updateRow(id);
  }

  /**
   * @param {string} id
   * @param {Action} action
   * @param {any} error
   */
  #handleError(id, action, error) {
    if (action === 'pause' && error.status === 409) {
      // It has ended meanwhile.
      if (this.#setOf(id)?.state !== 'fetching') return;
      this.#canPause = false;
      for (const key of this.#rows.keys()) this.#updateRow(key);
    }
    if (error.name !== 'StorageManagerError') console.error('storage-manager-list:', error);
    this.#problems.set(id, error);
    this.#announcer.say(this.#problemText(error));
  }
}

/**
 * @param {Promise<unknown>} work
 * @returns {Promise<any>} undefined where it succeeds
 */
function errorOf(work) {
  return work.then(
    () => undefined,
    (error) => error,
  );
}
