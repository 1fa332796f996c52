import assert from 'node:assert/strict';
import { FixedContent, RandomContent } from '../../server/content.mjs';
import { SIZE } from './answers.mjs';
import { runRows, PAGE, WORKER } from './app.mjs';

/** One connection of the six that browsers open to a host is left for the page. */
const AT_ONCE = 5;
const LIMIT_MS = 20_000;

const EVENTS = { '': 'backgroundfetchsuccess', aborted: 'backgroundfetchabort' };
const EXPOSED = { origin: '*', expose: ['Content-Range', 'ETag', 'Content-Encoding', 'Accept-Ranges'] };
const CORS = { own: false, exposed: EXPOSED, hidden: true };

/** Small times: the pauses are what most of these tests would wait for. */
const SETTINGS = {
  progressInterval: 50,
  unstoredTime: 100,
  stallTime: 10_000,
  retry: { firstDelay: 10, longestDelay: 50, attemptsToConnect: 4, attemptsToResume: 5, restarts: 2 },
};

/**
 * Fetches the file of each row, all from one page, and fails with what is wrong with any of them.
 *
 * @param {any} context
 * @param {any[]} rows
 * @param {import('../../../src/types/options.js').BackgroundFetchPolyfillSettings} [settings]
 */
export async function checkRows(context, rows, { retry, ...settings } = {}) {
  const { engine, server, openPage } = context;
  const polyfill = { settings: { ...SETTINGS, ...settings, retry: { ...SETTINGS.retry, ...retry } } };
  const served = rows.map((row, index) => serve(server, row, `/fault-${index}`));
  releaseWhenAsked(server);
  const page = await openPage({ polyfill, worker: WORKER, html: PAGE });
  const outcomes = await page.evaluate(runRows, served, AT_ONCE, LIMIT_MS);
  const failures = [];
  rows.forEach((row, index) => {
    const expected = { ...row.expect, ...row.in?.[engine] };
    const seen = server.requests(served[index].path);
    const requests = seen.filter(({ method }) => method === 'GET');
    const wrong = complaints(expected, outcomes[index], requests);
    if (wrong.length > 0) failures.push([row.name, ...wrong, ...seen.slice(0, 12).map(line)].join('\n  '));
  });
  assert.equal(failures.length, 0, `${failures.length} of ${rows.length} rows:\n${failures.join('\n')}`);
  assert.deepEqual(await page.evaluate(() => window.faults.errors), []);
  await page.waitFor(() => window.faults.rows().then((count) => count === 0));
}

/** Programs the server; gives what the page has to know of the row. */
function serve(server, row, path) {
  const { name, answers, head = {}, file, beside = {}, from = 'own', downloadTotal, abortAt } = row;
  const cors = CORS[from];
  let count = 0;
  const answerTo = (request) => {
    const isGet = request.method === 'GET';
    const answer = isGet ? answers[Math.min(count, answers.length - 1)] : head;
    count += isGet ? 1 : 0;
    return typeof answer === 'function' ? answer({ request, path, server }) : answer;
  };
  const version = { size: SIZE, seed: 'one', etag: '"one"', cors };
  server.file(path, { ...version, ...file, script: answerTo });
  for (const [suffix, options] of Object.entries(beside)) {
    server.file(path + suffix, { ...version, ...options });
  }
  const { cutAfter, stallAfter } = { ...file, ...answers[0] };
  const seenAt = cutAfter === stallAfter ? stallAfter : undefined;
  const url = from === 'own' ? path : server.otherUrl(path);
  return { id: name, path, url, downloadTotal, abortAt, seenAt };
}

/** The page says when it has seen what it was to see. */
function releaseWhenAsked(server) {
  server.file('/release', {
    script: ({ url }) => {
      server.release(new URL(url, server.origin).searchParams.get('path'));
      return { status: 204 };
    },
  });
}

function complaints(expected, outcome, requests) {
  const { reason = '', response = {}, ranges, requests: count, sent, pause } = expected;
  const wrong = [];
  const compare = (what, actual, wanted) => {
    const isRange = Object(wanted) === wanted && !Array.isArray(wanted);
    const { least = -Infinity, most = Infinity } = isRange ? wanted : {};
    const fits = isRange ? actual >= least && actual <= most : same(actual, wanted);
    if (!fits) wrong.push(`${what} is ${JSON.stringify(actual)}, not ${JSON.stringify(wanted)}`);
  };
  const [report = {}, ...further] = outcome.reports;
  if (outcome.isLate) wrong.push(`no event after ${outcome.time} ms`);
  compare('the number of events', outcome.reports.length, 1);
  compare('the event', report.type, EVENTS[reason] ?? 'backgroundfetchfail');
  for (const [where, state] of Object.entries({ 'the event': report, 'the page': outcome })) {
    compare(`result in ${where}`, state.result, reason ? 'failure' : 'success');
    compare(`failureReason in ${where}`, state.failureReason, reason);
  }
  if (further.length > 0) wrong.push(`further events: ${JSON.stringify(further)}`);
  compare('the response', JSON.stringify(report.records), JSON.stringify([expectedRecord(response)]));
  if (!reason) compare('downloaded', report.downloaded, report.records?.[0].length);
  const asked = requests.map(({ range }) => range);
  if (ranges) compare('the ranges', asked, ranges);
  if (count !== undefined) compare('the number of requests', requests.length, count);
  const total = requests.reduce((sum, request) => sum + request.sent, 0);
  if (sent !== undefined) compare('the bytes on the wire', total, sent);
  if (pause) compare('the pause in ms', requests.at(-1).at - requests.at(-2)?.at, pause);
  return wrong;
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

const hashes = new Map();

function expectedRecord({ error, status = 200, text, seed = 'one', size = SIZE }) {
  if (error) return { error };
  if (text !== undefined) {
    const isHashed = status < 300 && text.length > 0;
    return {
      status,
      length: text.length,
      ...(isHashed ? { hash: new FixedContent(text).sha256() } : { text }),
    };
  }
  const name = `${seed} ${size}`;
  if (!hashes.has(name)) hashes.set(name, new RandomContent(seed, size).sha256());
  return { status, length: size, hash: hashes.get(name) };
}

const line = ({ method, range, status, sent, cut, aborted }) =>
  `${method} ${range ?? ''} -> ${status}, ${sent} bytes${cut ? ', cut' : aborted ? ', left by the client' : ''}`;
