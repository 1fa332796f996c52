import { parseArgs } from 'node:util';
import { findBrowser, PERSISTENT } from '../../scripts/setup/browsers.mjs';
import { launch } from '../browsers/index.mjs';
import { Choices } from '../choices.mjs';
import { requestLine } from '../server/request-log.mjs';
import { startServer } from '../server/server.mjs';
import { Run } from './run.mjs';
import { progressLine, summary } from './summary.mjs';

const USAGE = `npm run test:soak -- [--engine ${PERSISTENT.join('|')}] [--minutes 30] [--seed S]`;
const MINUTE = 60_000;

function giveUp(message) {
  console.error(message);
  process.exit(2);
}

function read() {
  const text = /** @type {const} */ ({ type: 'string' });
  const { values } = parseArgs({ options: { engine: text, minutes: text, seed: text } });
  const {
    engine = 'firefox',
    minutes = '30',
    seed = String(Date.now() % 1e6),
  } = /** @type {Record<string, string>} */ (values);
  if (!PERSISTENT.includes(engine) || !(Number(minutes) > 0)) giveUp(USAGE);
  const { available, reason } = findBrowser(engine);
  if (!available) giveUp(`${engine}: ${reason}`);
  return { engine, minutes: Number(minutes), seed };
}

const { engine, minutes, seed } = read();
console.log(`${engine}, seed ${seed}, ${minutes} minutes`);
const server = await startServer();
const browser = await launch(engine);
const run = new Run(new Choices(seed), { server, browser });
const everyMinute = setInterval(() => console.log(progressLine(run.figures())), MINUTE);
try {
  const verdict = await run.last(minutes * MINUTE);
  console.log(`\n${summary(engine, seed, run.figures(), verdict)}`);
  if (!verdict.isGood) process.exitCode = 1;
  for (const message of new Set(run.ledger.complained)) console.log(`printed: ${message}`);
  if (!verdict.isGood) for (const line of run.unanswered) console.log(`not through: ${line}`);
  for (const { id, files } of run.suspects()) {
    console.log(`${id}:`);
    for (const { path } of files) {
      for (const request of server.requests(path)) console.log(`    ${requestLine(request)}`);
    }
  }
} finally {
  clearInterval(everyMinute);
  await browser.close();
  await server.close();
}
