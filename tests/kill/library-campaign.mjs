import { parseArgs } from 'node:util';
import { PERSISTENT } from '../../scripts/setup/browsers.mjs';
import { SharedBrowser } from '../browsers/shared-browser.mjs';
import { startServer } from '../server/server.mjs';
import { LibraryTrial } from './library-trial.mjs';

/** `node tests/kill/library-campaign.mjs --engine E [--trials N] [--seed S]`: the storage manager under SIGKILL. */
const text = /** @type {const} */ ({ type: 'string' });
const { values } = parseArgs({ options: { engine: text, trials: text, seed: text } });
const { engine = PERSISTENT[0], trials = '13', seed = '1' } = values;

const shared = SharedBrowser.of(engine);
const outcomes = [];
for (let n = 0; n < Number(trials); n += 1) {
  const server = await startServer();
  try {
    await shared.running();
    const context = {
      server,
      get browser() {
        return shared.current;
      },
      restartBrowser: () => shared.restart(),
    };
    outcomes.push(await new LibraryTrial(Number(seed) + n, context).run());
    console.log(String(outcomes.at(-1)));
  } finally {
    await server.close();
  }
}
await shared.release();
const kills = outcomes.reduce((sum, outcome) => sum + outcome.kills, 0);
const bad = outcomes.filter(({ isGood }) => !isGood).length;
console.log(`\n${engine}: ${outcomes.length} trials, ${kills} kills, ${bad} with a fault`);
if (bad > 0) process.exitCode = 1;
