import { forced, nativeApi } from '../force.js';
import { byId, setText } from './dom.js';
import { Lab } from './lab.js';
import { Line } from './line.js';
import { log } from './log.js';
import { Outcomes } from './outcomes.js';
import { SeriesView, loadSeries } from './series-view.js';
import { registerWorker } from './worker.js';

function giveUp(text) {
  setText(byId('unsupported-text'), text);
  byId('unsupported').hidden = false;
  document.documentElement.dataset.ready = 'unsupported';
}

const isPolyfilled = forced || !nativeApi;

function showApi() {
  const badge = byId('api');
  badge.dataset.api = isPolyfilled ? 'polyfill' : 'native';
  setText(badge, isPolyfilled ? 'Polyfill at work' : 'Native API at work');
  setText(
    byId('break-text'),
    isPolyfilled
      ? 'While it stores: the polyfill waits, and goes on with a range request where it stopped.'
      : 'While it stores: what comes of it is up to this browser’s own Background Fetch.',
  );
  const other = byId('api-switch');
  other.hidden = !nativeApi;
  other.href = forced ? '/' : '/?force';
  setText(other, forced ? 'Use the browser’s own' : 'Use the polyfill instead');
}

async function begin() {
  if (!('serviceWorker' in navigator)) {
    giveUp(
      'This browser offers no service workers here: they need https or localhost, and no private window in some browsers.',
    );
    return;
  }
  const line = new Line();
  await line.start();
  const outcomes = new Outcomes();
  const worker = await registerWorker();
  if (!('backgroundFetch' in worker)) {
    giveUp(
      'This browser has no Background Fetch, and the polyfill could not be installed: it needs WebAssembly and IndexedDB.',
    );
    return;
  }
  showApi();
  const series = await loadSeries();
  new Lab(worker, outcomes, { series, answers: () => line.check(), otherOrigin: () => line.otherOrigin });
  const view = new SeriesView(series, worker, { outcomes, line, goesOnByItself: !isPolyfilled });
  await view.begin();
  byId('app').hidden = false;
  document.documentElement.dataset.ready = 'yes';
}

/** Sets the page going; every failure is told on the page itself. */
export function startPage() {
  begin().catch((error) => {
    log(`The page could not be set up: ${error.name}: ${error.message}`, { kind: 'bad' });
    giveUp(`The page could not be set up: ${error.message}`);
  });
}
