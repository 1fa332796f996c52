import { fileURLToPath } from 'node:url';
import { PAGE } from '../e2e/app.mjs';

const DIRECTORY = fileURLToPath(new URL('app/', import.meta.url));

/**
 * Short times, so that a lot happens in a minute, and no end to patience: it is not the limits that are tried here. A stall
 * takes longer than in other tests, as four windows share the browser's six connections to a host.
 */
const SETTINGS = {
  unstoredBytes: 1 << 20,
  // Files of such a trial are short.
  splitBytes: 1 << 20,
  unstoredTime: 100,
  stallTime: 1500,
  progressInterval: 50,
  retry: {
    attemptsToConnect: 1000,
    attemptsToResume: 1000,
    firstDelay: 50,
    longestDelay: 400,
    longestRetryAfter: 500,
  },
};

const HEAD = `<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<body>`;

const TAB = `${HEAD}
<script src="/app/report.js"></script>
<script src="/polyfill-options.js"></script>
<script src="/pkg/background-fetch-polyfill.js"></script>
<script src="/app/page.js"></script>`;

/** Where a tab is when it is not in the app. */
export const ELSEWHERE = '/elsewhere';
/** A page of the origin without the polyfill, which neither runs nor delivers anything. */
export const EXAMINER = '/examiner';

/**
 * Adds the app's pages and worker to a server. `receive(report)` gets what they tell, and `answerDelay(report)` gives the ms
 * until it is answered.
 */
export function addApp(server, { receive, answerDelay }) {
  const options = { force: true, settings: SETTINGS };
  server.mount('/app/', DIRECTORY);
  server.page('/', TAB);
  server.page(ELSEWHERE, `${HEAD}Elsewhere`);
  server.page(EXAMINER, HEAD + PAGE);
  server.page('/polyfill-options.js', `self.backgroundFetchPolyfill = ${JSON.stringify(options)};`);
  server.file('/report', {
    script: ({ url }) => {
      const report = Object.fromEntries(new URLSearchParams(url.split('?')[1]));
      receive(report);
      return { status: 204, delay: answerDelay(report) };
    },
  });
}
