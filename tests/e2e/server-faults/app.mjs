import { countRows } from '../count-rows.mjs';

/** The worker tells the page what each event brought: of files the hash, of bad answers and empty ones the text. */
export const WORKER = `
for (const outcome of ['success', 'fail', 'abort']) {
  addEventListener('backgroundfetch' + outcome, (event) => event.waitUntil(tell(event)));
}
async function tell({ type, registration }) {
  const { id, result, failureReason, downloaded } = registration;
  const records = await Promise.all((await registration.matchAll()).map(read));
  for (const client of await clients.matchAll({ includeUncontrolled: true })) {
    client.postMessage({ id, type, result, failureReason, downloaded, records });
  }
}
async function read(record) {
  try {
    const response = await record.responseReady;
    const bytes = await response.arrayBuffer();
    const about = { status: response.status, length: bytes.byteLength };
    if (!response.ok || !bytes.byteLength) return { ...about, text: new TextDecoder().decode(bytes) };
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return { ...about, hash: Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') };
  } catch (error) {
    return { error: error.name };
  }
}
for (const type of ['error', 'unhandledrejection']) {
  addEventListener(type, async ({ message, reason }) => {
    for (const client of await clients.matchAll({ includeUncontrolled: true })) {
      client.postMessage({ error: String(message ?? reason) });
    }
  });
}
`;

export const PAGE = `<script>
window.faults = {
  reports: new Map(),
  errors: [],
  heard() {},
  rows: ${countRows},
};
navigator.serviceWorker.addEventListener('message', ({ data }) => {
  if (data.error) return faults.errors.push(data.error);
  if (!faults.reports.has(data.id)) faults.reports.set(data.id, []);
  faults.reports.get(data.id).push(data);
  faults.heard();
});
navigator.serviceWorker.startMessages();
for (const type of ['error', 'unhandledrejection']) {
  addEventListener(type, ({ message, reason }) => faults.errors.push(String(message ?? reason)));
}
</script>`;

/**
 * Runs in the page: a background fetch for each row, some at a time. A fetch whose event does not come in time is given
 * up. Gives what the page and the worker saw of each.
 */
export async function runRows(rows, atOnce, limit) {
  const { backgroundFetch } = await navigator.serviceWorker.ready;
  const { faults } = window;
  const waiting = new Map();
  faults.heard = () => waiting.forEach((resolve, id) => faults.reports.has(id) && resolve());

  const run = async ({ id, path, url, downloadTotal, abortAt, seenAt }) => {
    const begun = performance.now();
    const fetched = await backgroundFetch.fetch(id, url, { downloadTotal });
    const look = () => {
      if (fetched.downloaded >= seenAt) {
        seenAt = undefined;
        fetch(`/release?path=${path}`);
      }
      if (fetched.downloaded >= abortAt) {
        abortAt = undefined;
        fetched.abort();
      }
    };
    fetched.onprogress = look;
    look();
    let timer;
    const isLate = await Promise.race([
      new Promise((resolve) => waiting.set(id, () => resolve(false)) && faults.heard()),
      new Promise((resolve) => {
        timer = setTimeout(resolve, limit, true);
      }),
    ]);
    clearTimeout(timer);
    if (isLate) await fetched.abort();
    const { result, failureReason } = fetched;
    return { id, result, failureReason, isLate, time: Math.round(performance.now() - begun) };
  };

  const outcomes = [];
  const rest = rows.entries();
  const runRest = async () => {
    for (const [index, row] of rest) outcomes[index] = await run(row);
  };
  await Promise.all(Array.from({ length: atOnce }, runRest));
  return outcomes.map((outcome) => ({ ...outcome, reports: faults.reports.get(outcome.id) ?? [] }));
}
