import { byId, setText } from './dom.js';
import { FileCard } from './file-card.js';
import { formatBytes } from './format.js';
import { log } from './log.js';
import { ProgressPanel } from './progress-panel.js';

const sum = (files) => files.reduce((total, file) => total + file.size, 0);

/** The set of files: what it is, what of it is on this device, and the background fetch that stores it. */
export class SeriesView {
  #series;
  #worker;
  #cards = new Map();
  #panel = new ProgressPanel();
  #running = null;
  #starting = false;

  /**
   * @param {object} series the contents of series.json
   * @param {ServiceWorkerRegistration} worker
   * @param {import('./outcomes.js').Outcomes} outcomes
   */
  constructor(series, worker, outcomes) {
    this.#series = series;
    this.#worker = worker;
    this.#describe();
    outcomes.listen((outcome) => {
      if (outcome.id === series.id) this.#end(outcome);
    });
    byId('store').addEventListener('click', () => this.#store());
    byId('abort').addEventListener('click', () => this.#running?.abort());
    byId('remove').addEventListener('click', () => this.#remove());
  }

  /** Shows what is stored and finds the fetch that an earlier visit has started. */
  async begin() {
    await this.#refresh();
    const running = await this.#worker.backgroundFetch.get(this.#series.id);
    if (running) {
      this.#follow(running);
      log('This set was being stored when the page was opened; here is its progress again.');
    }
  }

  #describe() {
    const { title, text, page, icons, files } = this.#series;
    setText(byId('series-title'), title);
    setText(byId('series-text'), text);
    byId('series-link').href = page;
    byId('series-icon').src = icons.at(-1).src;
    setText(byId('series-size'), `${files.length} files · ${formatBytes(sum(files))}`);
    for (const file of files) {
      const card = new FileCard(file);
      this.#cards.set(file.url, card);
      byId(file.kind === 'image' ? 'pictures' : 'tracks').append(card.node);
    }
  }

  async #store() {
    const { id, title, icons, files } = this.#series;
    const missing = files.filter(({ url }) => this.#cards.get(url).state !== 'stored');
    if (this.#starting) return;
    this.#starting = true;
    try {
      const urls = missing.map(({ url }) => url);
      this.#follow(
        await this.#worker.backgroundFetch.fetch(id, urls, { title, icons, downloadTotal: sum(missing) }),
      );
      log(
        `Storing ${missing.length} files, ${formatBytes(sum(missing))}. You may close this page meanwhile.`,
      );
    } catch (error) {
      setText(byId('status'), `The browser refused to start: ${error.name}.`);
      log(`The browser refused to start: ${error.name}: ${error.message}`, {
        kind: 'bad',
        details: ['If it blocks several downloads of one site, allow “Automatic downloads” for this site.'],
        data: { error: error.name },
      });
    } finally {
      this.#starting = false;
    }
  }

  #follow(registration) {
    this.#running = registration;
    for (const card of this.#cards.values()) if (card.state === 'missing') card.state = 'storing';
    this.#panel.follow(registration, ({ result }) => {
      if (result === 'success')
        setText(byId('status'), 'All bytes are here. The service worker puts them into the cache …');
    });
    this.#update();
  }

  async #end({ outcome, reason, stored, lost }) {
    this.#running = null;
    await this.#refresh();
    this.#keepFocus(() => this.#panel.hide());
    const data = { series: outcome, reason };
    if (outcome === 'stored') {
      log('Everything is stored. The pictures and the music now come from this device.', {
        kind: 'good',
        data,
      });
    } else if (outcome === 'aborted') {
      setText(byId('status'), 'Aborted. Nothing was stored.');
      log('Aborted, as you wished: nothing was stored.', { data });
    } else {
      setText(byId('status'), `Not everything could be stored: ${reason}.`);
      log(`Not everything could be stored: ${reason}.`, {
        kind: 'bad',
        details: [...stored.map((file) => `stored: ${file}`), ...lost.map((file) => `lost: ${file}`)],
        data,
      });
    }
  }

  async #remove() {
    await caches.delete(this.#series.id);
    await this.#refresh();
    log('Removed from this device.');
  }

  async #refresh() {
    const cache = (await caches.has(this.#series.id)) ? await caches.open(this.#series.id) : null;
    await Promise.all(
      [...this.#cards].map(async ([url, card]) => {
        const stored = cache && (await cache.match(url));
        card.state = stored ? 'stored' : this.#running ? 'storing' : 'missing';
      }),
    );
    this.#update();
  }

  /** A button that goes away must not take the keyboard's place on the page with it. */
  #keepFocus(change) {
    const buttons = ['abort', 'remove', 'store'].map(byId);
    const focused = buttons.includes(document.activeElement);
    change();
    const usable = (button) => !button.disabled && button.getClientRects().length > 0;
    const kept = buttons.some((button) => button === document.activeElement && usable(button));
    if (focused && !kept) buttons.find(usable)?.focus();
  }

  #update() {
    this.#keepFocus(() => this.#showState());
  }

  #showState() {
    const cards = [...this.#cards.values()];
    const stored = cards.filter((card) => card.state === 'stored').length;
    const state = this.#running
      ? 'storing'
      : stored === cards.length
        ? 'stored'
        : stored > 0
          ? 'partial'
          : 'missing';
    byId('series').dataset.state = state;
    const store = byId('store');
    store.disabled = state === 'storing';
    store.hidden = state === 'stored';
    setText(store, state === 'partial' ? 'Store the missing files' : 'Store assets locally');
    byId('remove').hidden = stored === 0 || state === 'storing';
    byId('abort').disabled = state !== 'storing';
    const words = {
      missing: 'Nothing of it is on this device yet.',
      partial: `${stored} of ${cards.length} files are on this device.`,
      storing: 'Storing in the background …',
      stored: 'All of it is on this device.',
    };
    setText(byId('status'), words[state]);
  }
}

/** @returns {Promise<object>} the description of the set */
export async function loadSeries() {
  const response = await fetch('/assets/series.json');
  if (!response.ok) throw new Error(`The description of the set could not be loaded: ${response.status}.`);
  return response.json();
}
