import { announcementText } from './announcement-text.js';
import { Announcer } from './announcer.js';
import { Cancellations } from './cancellations.js';
import { ClickActivation } from './click-activation.js';
import { attachStyled, button, create, setAttribute, setText } from './dom.js';
import { EntryRow } from './entry-row.js';
import { shareOf } from './entry.js';
import { FetchList } from './fetch-list.js';
import { formatPercent } from './format.js';
import { ScreenLock } from './screen-lock.js';
import { StorageNote } from './storage-note.js';
import { STYLE } from './style.js';
import { TEXTS } from './texts.js';

/** @typedef {import('./entry.js').Entry} Entry */

/** A row is made when it is this far from where it can be seen. */
const MARGIN = '300px';
const TICK_MS = 1000;
/** Where a page remembers until it is closed that the shelf was minimised. */
const MINIMIZED = 'background-fetch-shelf minimized';

/** In service workers and on servers there is none, and the module may be imported there. */
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? Object);

/**
 * `<background-fetch-shelf>`: shows every background fetch of the origin, and lets the user pause, cancel, retry and open it. It
 * shows nothing where there is none.
 *
 * Attributes: `keep-screen-awake`; `blocked="navigate"`, to leave the page for a window that the browser has blocked.
 */
export class BackgroundFetchShelf extends Base {
  #texts = TEXTS;
  #heading = create('h2', { part: 'heading', id: 'heading', tabindex: '-1' });
  #minimize = button('button symbol minimize');
  #clear = button('button clear');
  #list = create('ul', { part: 'list', role: 'list' });
  #openOnly = create('p', { part: 'note' });
  #storage = new StorageNote();
  #footer = create('footer', { part: 'footer' }, this.#openOnly, this.#storage.element);
  #section = create(
    'section',
    { part: 'shelf', 'aria-labelledby': 'heading' },
    create('header', { part: 'header' }, this.#heading, this.#clear, this.#minimize),
    this.#list,
    this.#footer,
  );
  #pill = button('pill');
  #announcer = new Announcer();
  #screenLock = new ScreenLock();
  #cancellations = new Cancellations((key) => this.#updateRow(key));
  /** @type {FetchList | undefined} */
  #fetches;
  /** @type {Map<string, { item: HTMLLIElement, row: EntryRow | undefined }>} */
  #rows = new Map();
  /** @type {IntersectionObserver | undefined} */
  #observer;
  #isMinimized = false;
  #isOpening = false;
  #tick = 0;

  static observedAttributes = ['keep-screen-awake'];

  constructor() {
    super();
    attachStyled(this, STYLE, this.#section, this.#pill, this.#announcer.element);
    for (const each of [this.#section, this.#pill]) each.hidden = true;
    this.#minimize.addEventListener('click', () => this.#setMinimized(true));
    this.#pill.addEventListener('click', () => this.#setMinimized(false));
    this.#clear.addEventListener('click', () => this.#dismissEnded());
  }

  /** What the shelf says. An app gives what is to differ from the English texts. */
  get texts() {
    return this.#texts;
  }

  /** @param {Partial<typeof TEXTS>} texts */
  set texts(texts) {
    this.#texts = { ...TEXTS, ...texts, failures: { ...TEXTS.failures, ...texts.failures } };
    this.#render();
  }

  connectedCallback() {
    this.#isMinimized = readMinimized();
    const fetches = new FetchList((after, before) => this.#handleChange(after, before));
    this.#fetches = fetches;
    this.#announcer.open();
    this.#observer = new IntersectionObserver((seen) => this.#makeRows(seen), {
      root: this.#list,
      rootMargin: MARGIN,
    });
    this.#open(fetches);
  }

  /** Nothing of it goes on. */
  disconnectedCallback() {
    this.#cancellations.complete();
    this.#fetches?.close();
    this.#fetches = undefined;
    this.#announcer.close();
    this.#screenLock.want(false);
    this.#observer?.disconnect();
    clearInterval(this.#tick);
    this.#tick = 0;
    this.#rows.clear();
    this.#list.replaceChildren();
  }

  attributeChangedCallback() {
    this.#update();
  }

  /** @param {FetchList} fetches */
  async #open(fetches) {
    this.#isOpening = true;
    try {
      await fetches.open();
    } catch (error) {
      console.error('background-fetch-shelf: the fetches cannot be read.', error);
    }
    // It may have been removed, and put elsewhere, meanwhile.
    if (this.#fetches !== fetches) return;
    this.#isOpening = false;
    this.#render();
  }

  /**
   * @param {Entry | undefined} after
   * @param {Entry | undefined} before
   */
  #handleChange(after, before) {
    if (this.#isOpening) return;
    const key = (after ?? before)?.key ?? '';
    const said = after && announcementText(before, after, this.#texts);
    if (said) this.#announcer.say(said);
    if (after && before) {
      this.#updateRow(key);
      this.#update();
      if (after.result !== before.result) this.#updateStorage();
    } else {
      this.#render();
    }
  }

  /** All of it. */
  #render() {
    const fetches = this.#fetches;
    if (!fetches) return;
    const texts = this.#texts;
    setAttribute(this.#section, 'lang', texts.language);
    setAttribute(this.#section, 'dir', texts.direction);
    setAttribute(this.#pill, 'dir', texts.direction);
    setText(this.#heading, texts.shelf);
    for (const name of ['title', 'aria-label']) setAttribute(this.#minimize, name, texts.minimize);
    setText(this.#clear, texts.clear);
    setText(this.#openOnly, texts.onlyWhileOpen);
    this.#arrange(fetches.entries);
    for (const key of this.#rows.keys()) this.#updateRow(key);
    this.#update();
    this.#updateStorage();
  }

  /**
   * An item for each entry, in their order.
   *
   * @param {Entry[]} entries
   */
  #arrange(entries) {
    const keys = new Set(entries.map(({ key }) => key));
    for (const [key, { item }] of this.#rows) {
      if (keys.has(key)) continue;
      this.#keepFocus(item);
      this.#observer?.unobserve(item);
      item.remove();
      this.#rows.delete(key);
    }
    let next = this.#list.firstElementChild;
    for (const { key } of entries) {
      const known = this.#rows.get(key);
      const item = known?.item ?? this.#place(key);
      if (item === next) next = next.nextElementSibling;
      else this.#list.insertBefore(item, next);
    }
  }

  /** @param {string} key */
  #place(key) {
    const item = create('li', { part: 'entry' });
    item.dataset.key = key;
    this.#rows.set(key, { item, row: undefined });
    this.#observer?.observe(item);
    return item;
  }

  /**
   * The item goes away with the focus in it.
   *
   * @param {HTMLLIElement} item
   */
  #keepFocus(item) {
    if (!item.contains(this.shadowRoot?.activeElement ?? null)) return;
    const neighbour = /** @type {HTMLLIElement | null} */ (
      item.nextElementSibling ?? item.previousElementSibling
    );
    const row = this.#rows.get(neighbour?.dataset.key ?? '')?.row;
    if (row) row.focus();
    else this.#heading.focus();
  }

  /** @param {IntersectionObserverEntry[]} seen */
  #makeRows(seen) {
    for (const { target, isIntersecting } of seen) {
      const item = /** @type {HTMLLIElement} */ (target);
      const { key = '' } = item.dataset;
      const place = this.#rows.get(key);
      const entry = this.#fetches?.entryOf(key);
      if (!isIntersecting || !place || place.row || !entry) continue;
      this.#observer?.unobserve(item);
      place.row = new EntryRow(item, entry, {
        act: (action) => this.#act(key, action),
        open: () => this.#click(key),
        readFiles: async (from, count) => this.#readFiles(key, from, count),
      });
      this.#updateRow(key);
    }
  }

  /** @param {string} key */
  #updateRow(key) {
    const row = this.#rows.get(key)?.row;
    const entry = this.#fetches?.entryOf(key);
    if (row && entry)
      row.update(entry, this.#fetches?.paceOf(key), this.#texts, this.#cancellations.has(key));
  }

  /** What is said of all of them. */
  #update() {
    const fetches = this.#fetches;
    if (!fetches) return;
    const { entries, running } = fetches;
    const texts = this.#texts;
    this.#section.hidden = this.#isMinimized || entries.length === 0;
    this.#pill.hidden = !this.#isMinimized || entries.length === 0;
    this.#clear.hidden = entries.filter(isDismissible).length < 2;
    this.#openOnly.hidden = running.length === 0 || !fetches.source.isOfPages;
    this.#footer.hidden = this.#openOnly.hidden && this.#storage.element.hidden;
    setText(this.#pill, pillText(running, texts));
    setAttribute(this.#pill, 'aria-label', `${pillText(running, texts)}. ${texts.restore}`);
    const goesOn = running.some(({ isPaused }) => !isPaused);
    this.#screenLock.want(goesOn && this.hasAttribute('keep-screen-awake'));
    if (goesOn) this.#tick ||= setInterval(() => this.#handleTick(), TICK_MS);
    else {
      clearInterval(this.#tick);
      this.#tick = 0;
    }
  }

  #handleTick() {
    if (document.hidden) return;
    this.#fetches?.tick();
    for (const { key } of this.#fetches?.running ?? []) this.#updateRow(key);
  }

  async #updateStorage() {
    if (this.#section.hidden) return;
    await this.#storage.update(this.#texts).catch(() => {});
    this.#update();
  }

  /**
   * @param {string} key
   * @param {import('./entry.js').Action} action
   */
  async #act(key, action) {
    const { source } = this.#fetches ?? {};
    const entry = this.#fetches?.entryOf(key);
    if (!source || !entry) return;
    if (action === 'cancel') this.#cancellations.begin(entry, source);
    else if (action === 'undo') this.#cancellations.undo(key);
    else if (action === 'dismiss') await this.#try(() => source.dismiss([entry]));
    else await this.#try(async () => source[action]?.(entry));
  }

  /** @param {() => Promise<unknown>} work */
  async #try(work) {
    try {
      await work();
    } catch (error) {
      console.error('background-fetch-shelf:', error);
      this.#announcer.say(this.#texts.impossible);
    }
  }

  /** @param {string} key */
  async #click(key) {
    const entry = this.#fetches?.entryOf(key);
    const activation = new ClickActivation(this.getAttribute('blocked') === 'navigate');
    if (entry) await this.#try(async () => this.#fetches?.source.click?.(entry, activation));
  }

  /**
   * @param {string} key
   * @param {number} from
   * @param {number} count
   */
  async #readFiles(key, from, count) {
    const entry = this.#fetches?.entryOf(key);
    return (entry && (await this.#fetches?.source.files?.(entry, from, count))) ?? [];
  }

  async #dismissEnded() {
    const ended = this.#fetches?.entries.filter(isDismissible) ?? [];
    await this.#try(async () => this.#fetches?.source.dismiss(ended));
    this.#heading.focus();
  }

  /** @param {boolean} isMinimized */
  #setMinimized(isMinimized) {
    this.#isMinimized = isMinimized;
    try {
      sessionStorage.setItem(MINIMIZED, isMinimized ? '1' : '');
    } catch {
      // The page may not store anything.
    }
    this.#update();
    this.#updateStorage();
    (isMinimized ? this.#pill : this.#minimize).focus();
  }
}

function readMinimized() {
  try {
    return sessionStorage.getItem(MINIMIZED) === '1';
  } catch {
    return false;
  }
}

/** @param {Entry} entry */
function isDismissible({ result, isDelivered }) {
  return result !== '' && isDelivered;
}

/**
 * @param {Entry[]} running
 * @param {typeof TEXTS} texts
 */
function pillText(running, texts) {
  if (running.length === 0) return texts.shelf;
  const shares = running.map(shareOf);
  const known = shares.filter((share) => share !== undefined);
  const told = texts.running(running.length);
  if (known.length < shares.length) return told;
  const share = known.reduce((sum, each) => sum + each, 0) / known.length;
  return `${told} · ${formatPercent(texts.language, share)}`;
}
