import { fileURLToPath } from 'node:url';

const DIRECTORY = fileURLToPath(new URL('.', import.meta.url));
const SCRIPTS = ['checks', 'interfaces', 'instances', 'conversions', 'event-handlers', 'events'].map(
  (name) => `/shape/${name}.js`,
);

export const SCOPES = ['window', 'dedicated worker', 'shared worker', 'service worker'];

/** Keeps the console's errors: a worker without service workers is nothing to complain of. */
const KEEP_ERRORS = `self.errors = [];
console.error = (...args) => self.errors.push(args.join(' '));
`;

const IMPORT_CHECKS = `importScripts(${SCRIPTS.map((path) => `'${path}'`)});\n`;

const IMPORT_POLYFILL = `${KEEP_ERRORS}
importScripts('/polyfill-options.js', '/pkg/background-fetch-polyfill.js');
${IMPORT_CHECKS}`;

const SERVICE_WORKER = `${IMPORT_CHECKS}
addEventListener('message', (event) => {
  const { data, ports } = event;
  event.waitUntil(collect(...data).then((result) => ports[0].postMessage(result)));
});`;

/** Which ask the workers that they start, and give what these answer. */
const PAGE = `
<script>
const answers = (port, start) => new Promise((resolve, reject) => {
  port.onmessage = ({ data }) => resolve(data);
  port.onerror = ({ message }) => reject(new Error(message));
  start();
});
self.collectIn = {
  window: collect,
  'dedicated worker': (...args) => {
    const worker = new Worker('/dedicated-worker.js');
    return answers(worker, () => worker.postMessage(args));
  },
  'shared worker': (...args) => {
    const worker = new SharedWorker('/shared-worker.js');
    worker.onerror = ({ message }) => worker.port.onerror({ message });
    return answers(worker.port, () => worker.port.postMessage(args));
  },
  'service worker': async (...args) => {
    const { active } = await navigator.serviceWorker.ready;
    const { port1, port2 } = new MessageChannel();
    return answers(port1, () => active.postMessage(args, [port2]));
  },
};
</script>`;

/** Opens a page that can run the checks of this directory in itself and in each kind of worker. */
export async function openScopes({ server, openPage }) {
  const script = (path, source) => server.page(path, source, { type: 'text/javascript' });
  server.mount('/shape/', DIRECTORY);
  script(
    '/dedicated-worker.js',
    `${IMPORT_POLYFILL}onmessage = async ({ data }) => postMessage(await collect(...data));`,
  );
  script(
    '/shared-worker.js',
    `${IMPORT_POLYFILL}onconnect = ({ ports: [port] }) => {
  port.onmessage = async ({ data }) => port.postMessage(await collect(...data));
};`,
  );
  const page = await openPage({
    polyfill: true,
    before: `<script>${KEEP_ERRORS}</script>`,
    html: SCRIPTS.map((path) => `<script src="${path}"></script>`).join('\n') + PAGE,
    worker: KEEP_ERRORS + SERVICE_WORKER,
  });
  const collectIn = (scope, name, ...args) =>
    page.evaluate((where, ...rest) => self.collectIn[where](...rest), scope, name, ...args);
  return { page, collectIn };
}
