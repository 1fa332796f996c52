import { parseArgs } from 'node:util';
import { PERSISTENT } from '../../scripts/setup/browsers.mjs';
import { SharedBrowser } from '../browsers/shared-browser.mjs';
import { inFreshOrigin } from './in-fresh-origin.mjs';
import { LibraryTrial } from './library-trial.mjs';

/** `node tests/kill/library-campaign.mjs --engine E [--trials N] [--seed S]`: the storage manager under SIGKILL. */
const text = /** @type {const} */ ({ type: 'string' });
const { values } = parseArgs({ options: { engine: text, trials: text, seed: text } });
const { engine = PERSISTENT[0], trials = '13', seed = '1' } = values;

const shared = SharedBrowser.of(engine);
const outcomes = [];
for (let n = 0; n < Number(trials); n += 1) {
  outcomes.push(await inFreshOrigin(shared, (context) => new LibraryTrial(Number(seed) + n, context).run()));
  console.log(String(outcomes.at(-1)));
}
await shared.release();
const kills = outcomes.reduce((sum, outcome) => sum + outcome.kills, 0);
const bad = outcomes.filter(({ isGood }) => !isGood).length;
console.log(`\n${engine}: ${outcomes.length} trials, ${kills} kills, ${bad} with a fault`);
if (bad > 0) process.exitCode = 1;
