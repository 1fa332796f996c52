import { parseArgs } from 'node:util';
import { findBrowser, PERSISTENT } from '../../scripts/setup/browsers.mjs';
import { SharedBrowser } from '../browsers/shared-browser.mjs';
import { requestLine } from '../server/request-log.mjs';
import { inFreshOrigin } from './in-fresh-origin.mjs';
import { summary } from './summary.mjs';
import { Trial } from './trial.mjs';

const USAGE = `npm run test:kill -- --engine ${PERSISTENT.join('|')} [--trials N] [--seed S] [--log]`;

function giveUp(message) {
  console.error(message);
  process.exit(2);
}

function read() {
  const text = /** @type {const} */ ({ type: 'string' });
  const { values } = parseArgs({
    options: { engine: text, trials: text, seed: text, log: { type: 'boolean' } },
  });
  const { engine, trials = '10', seed = String(Date.now() % 1e6), log = false } = /** @type {any} */ (values);
  if (!PERSISTENT.includes(engine) || !(Number(trials) > 0) || !Number.isInteger(Number(seed))) giveUp(USAGE);
  const { available, reason } = findBrowser(engine);
  if (!available) giveUp(`${engine}: ${reason}`);
  return { engine, trials: Number(trials), seed: Number(seed), log };
}

async function runTrial(seed, context, log) {
  const outcome = await new Trial(seed, context).run();
  console.log(String(outcome));
  if (!outcome.isGood) console.log(JSON.stringify(outcome.state));
  if (!outcome.isGood || log) {
    for (const request of context.server.requests()) console.log(`    ${requestLine(request)}`);
  }
  return outcome;
}

const { engine, trials, seed, log } = read();
const shared = SharedBrowser.of(engine);
const outcomes = [];
for (let n = 0; n < trials; n += 1) {
  outcomes.push(await inFreshOrigin(shared, (context) => runTrial(seed + n, context, log)));
}
await shared.release();
console.log(`\n${summary(engine, outcomes)}`);
if (outcomes.some(({ isGood }) => !isGood)) process.exitCode = 1;
