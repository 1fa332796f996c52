import { fileURLToPath } from 'node:url';
import { PAGE } from '../e2e/app.mjs';

const DIRECTORY = fileURLToPath(new URL('app/', import.meta.url));

/** Short times, so that a trial takes seconds, and no end to patience: it is not the limits that are tried here. */
const SETTINGS = {
  unstoredBytes: 1 << 20,
  // Files of such a trial are short.
  splitBytes: 1 << 20,
  unstoredTime: 100,
  stallTime: 500,
  progressInterval: 50,
  retry: {
    attemptsToConnect: 100,
    attemptsToResume: 100,
    restarts: 100,
    firstDelay: 50,
    longestDelay: 200,
    longestRetryAfter: 300,
  },
};

const HTML = `<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
${PAGE}
<script src="/app/report.js"></script>
<script src="/app/page.js"></script>`;

/**
 * Adds the app's page and worker to a server, and the path that they report to. `answerDelay(what)` gives the ms until a
 * report is answered, which keeps the event's handler waiting.
 */
export function addApp(server, { answerDelay }) {
  const options = { force: true, settings: SETTINGS };
  server.mount('/app/', DIRECTORY);
  server.page('/', HTML);
  server.page('/polyfill-options.js', `self.backgroundFetchPolyfill = ${JSON.stringify(options)};`);
  const whatOf = ({ url }) => new URLSearchParams(url.split('?')[1]).get('what');
  server.file('/report', { status: 204, delay: (request) => answerDelay(whatOf(request)) });
}
