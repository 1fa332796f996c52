import { byId, onPress, setText, setUsable } from './dom.js';
import { FileCard } from './file-card.js';
import { formatBytes } from './format.js';
import { log } from './log.js';
import { ProgressPanel } from './progress-panel.js';
import { Question } from './question.js';

const sum = (files) => files.reduce((total, file) => total + file.size, 0);

/** The set of files: what it is, what of it is on this device, and the background fetch that stores it. */
export class SeriesView {
  #series;
  #worker;
  #cards = new Map();
  #panel = new ProgressPanel();
  #question = new Question();
  #line;
  #goesOnByItself;
  #running = null;
  #starting = false;
  /** How the last attempt ended, until there is another. */
  #verdict = '';

  /**
   * @param {object} series the contents of series.json
   * @param {ServiceWorkerRegistration} worker
   * @param {object} surroundings
   * @param {import('./outcomes.js').Outcomes} surroundings.outcomes
   * @param {import('./line.js').Line} surroundings.line
   * @param {boolean} surroundings.goesOnByItself whether the browser fetches when no page is open
   */
  constructor(series, worker, { outcomes, line, goesOnByItself }) {
    this.#series = series;
    this.#worker = worker;
    this.#line = line;
    this.#goesOnByItself = goesOnByItself;
    this.#describe();
    outcomes.listen((outcome) => {
      if (outcome.id === series.id) this.#end(outcome);
    });
    line.listen(() => this.#update());
    onPress(byId('store'), () => this.#store());
    onPress(byId('abort'), () => this.#abort());
    onPress(byId('remove'), () => this.#remove());
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
    this.#starting = true;
    this.#verdict = '';
    this.#update();
    try {
      const urls = missing.map(({ url }) => url);
      this.#follow(
        await this.#worker.backgroundFetch.fetch(id, urls, { title, icons, downloadTotal: sum(missing) }),
      );
      const later = this.#goesOnByItself
        ? 'You may close this page meanwhile.'
        : 'If you close this page, it goes on for as long as the browser lets it, and then when you are back.';
      log(`Storing ${missing.length} files, ${formatBytes(sum(missing))}. ${later}`);
    } catch (error) {
      this.#verdict = `The browser refused to start: ${error.name}.`;
      log(`The browser refused to start: ${error.name}: ${error.message}`, {
        kind: 'bad',
        details: ['If it blocks several downloads of one site, allow “Automatic downloads” for this site.'],
        data: { error: error.name },
      });
    } finally {
      this.#starting = false;
      this.#update();
    }
  }

  async #abort() {
    const { downloaded } = this.#running;
    const sure = await this.#question.ask({
      title: 'Abort and throw away what has come?',
      text: `${formatBytes(downloaded)} have been downloaded. To store the set later, all of it has to come again.`,
      no: 'Go on storing',
      yes: 'Abort',
    });
    if (sure) await this.#running?.abort();
  }

  #follow(registration) {
    this.#running = registration;
    for (const card of this.#cards.values()) if (card.state === 'missing') card.state = 'storing';
    this.#panel.follow(registration, {
      onSettled: () => this.#update(),
      onMoving: () => this.#line.check(),
    });
    this.#update();
  }

  async #end({ outcome, reason, stored, lost }) {
    this.#running = null;
    this.#question.withdraw();
    this.#verdict = {
      stored: '',
      aborted: 'Aborted. Nothing of this attempt was stored.',
      failed: `Not everything could be stored: ${reason}.`,
    }[outcome];
    await this.#refresh();
    const data = { series: outcome, reason };
    if (outcome === 'stored') {
      log('Everything is stored. The pictures and the music now come from this device.', {
        kind: 'good',
        data,
      });
    } else if (outcome === 'aborted') {
      log('Aborted, as you wished: nothing of this attempt was stored.', { data });
    } else {
      log(`Not everything could be stored: ${reason}.`, {
        kind: 'bad',
        details: [...stored.map((file) => `stored: ${file}`), ...lost.map((file) => `lost: ${file}`)],
        data,
      });
    }
  }

  async #remove() {
    const sure = await this.#question.ask({
      title: 'Remove the files from this device?',
      text: 'To see and hear them again, they have to be downloaded again.',
      no: 'Keep them',
      yes: 'Remove',
    });
    if (!sure) return;
    this.#verdict = '';
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

  /** Where a button goes away that has the focus, what is true now is the next to be read, and no other button at hand. */
  #update() {
    const place = document.activeElement;
    this.#showState();
    if (['abort', 'remove', 'store'].includes(place?.id) && place.getClientRects().length === 0)
      byId('status').focus();
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
    setUsable(store, state !== 'storing' && !this.#starting);
    store.hidden = state === 'stored';
    setText(store, state === 'partial' ? 'Store the missing files' : 'Store assets locally');
    byId('remove').hidden = stored === 0 || state === 'storing' || this.#starting;
    setUsable(byId('abort'), this.#running?.result === '');
    this.#panel.answers = this.#line.answers;
    if (!this.#running) this.#panel.hide();
    setText(byId('status'), this.#status(state, stored));
    byId('offline-note').hidden = this.#line.answers;
    setText(byId('offline-note'), `The server does not answer. ${this.#withoutServer(state, stored)}`);
  }

  #status(state, stored) {
    if (state === 'storing') {
      if (this.#running.result === 'success')
        return 'All bytes are here. The service worker puts them into the cache …';
      if (this.#running.failureReason === 'aborted') return 'Aborting …';
      if (this.#running.result === 'failure')
        return 'It has ended early. The service worker keeps what came …';
      return this.#line.answers
        ? 'Storing in the background …'
        : 'Waiting for the server, to store the rest …';
    }
    if (this.#starting) return 'Starting …';
    const words = {
      missing: 'Nothing of it is on this device.',
      partial: `${stored} of ${this.#cards.size} files are on this device.`,
      stored: 'All of it is on this device.',
    };
    return [this.#verdict, this.#verdict && state === 'missing' ? '' : words[state]]
      .filter(Boolean)
      .join(' ');
  }

  /** What can be seen and heard while the server is silent. */
  #withoutServer(state, stored) {
    if (state === 'stored') return 'What you see and hear comes from this device.';
    if (stored > 0)
      return `The ${stored} of ${this.#cards.size} files that are stored come from this device.`;
    return 'No file is stored on this device yet, so there is nothing to see or hear.';
  }
}

/** @returns {Promise<object>} the description of the set */
export async function loadSeries() {
  const response = await fetch('/assets/series.json');
  if (!response.ok) throw new Error(`The description of the set could not be loaded: ${response.status}.`);
  return response.json();
}
