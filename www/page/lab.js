import { byId, element, onPress, setText, setUsable } from './dom.js';
import { experiments } from './experiments.js';
import { log } from './log.js';

const name = (address) => address.split('/').pop().replace(/\?.*/, '');

const summary = ({ outcome, reason, stored, lost }) =>
  outcome === 'stored'
    ? 'Success'
    : `${reason} · ${stored.length === 0 ? 'nothing' : `${stored.length} of ${stored.length + lost.length}`} stored`;

/** The buttons that make things go wrong on purpose, each with an account of what happened. */
export class Lab {
  #worker;
  #outcomes;
  #context;

  /**
   * @param {ServiceWorkerRegistration} worker
   * @param {import('./outcomes.js').Outcomes} outcomes
   * @param {import('./experiments.js').Context} context
   */
  constructor(worker, outcomes, context) {
    this.#worker = worker;
    this.#outcomes = outcomes;
    this.#context = context;
    for (const experiment of experiments) {
      const button = element('button', { type: 'button', id: `lab-${experiment.id}` }, experiment.title);
      const verdict = element('p', { class: 'verdict', hidden: true });
      const item = element('li', { class: 'experiment' }, button, element('p', {}, experiment.text), verdict);
      item.dataset.experiment = experiment.id;
      onPress(button, () => this.#run(experiment, { item, button, verdict }));
      byId('experiments').append(item);
    }
  }

  async #run(experiment, { item, button, verdict }) {
    setUsable(button, false);
    if (!(await this.#context.answers())) {
      setUsable(button, true);
      log(`${experiment.title}: this needs the server, which does not answer.`);
      return;
    }
    item.dataset.state = 'running';
    verdict.hidden = false;
    setText(verdict, 'Under way …');
    const id = `lab-${experiment.id}`;
    const waiting = this.#outcomes.next(id);
    try {
      await this.#worker.backgroundFetch.get(id).then((left) => left?.abort());
      const refusal = await experiment.run(this.#worker.backgroundFetch, id, this.#context);
      if (refusal) this.#tellRefusal(experiment, refusal);
      const outcome = await waiting.promise;
      this.#tell(experiment, outcome);
      setText(verdict, refusal ? `The second: ${refusal.name}` : summary(outcome));
    } catch (error) {
      waiting.cancel();
      this.#tellRefusal(experiment, error);
      setText(verdict, `Refused: ${error.name}`);
    }
    // What an experiment stored would otherwise count as stored in the set above.
    await caches.delete(id);
    item.dataset.state = 'done';
    setUsable(button, true);
  }

  #tell({ id, title, lesson }, { outcome, reason, stored, lost }) {
    const words = {
      stored: 'success',
      failed: `failure, failureReason “${reason}”`,
      aborted: `abort, failureReason “${reason}”`,
    };
    const details = [
      `In the cache: ${stored.map(name).join(', ') || 'nothing'}.`,
      ...(lost.length > 0 ? [`Not to be had: ${lost.map(name).join(', ')}.`] : []),
      lesson,
    ];
    log(`${title}: ${words[outcome]}.`, {
      kind: outcome === 'stored' ? 'good' : 'bad',
      details,
      data: {
        experiment: id,
        outcome,
        reason,
        stored: stored.map(name).join(' '),
        lost: lost.map(name).join(' '),
      },
    });
  }

  #tellRefusal({ id, title }, error) {
    log(`${title}: fetch() was refused with ${error.name}: ${error.message}`, {
      kind: 'bad',
      data: { experiment: id, outcome: 'refused', error: error.name },
    });
  }
}
