import assert from 'node:assert/strict';
import { countRows } from '../count-rows.mjs';

/**
 * The worker tells the pages what each event brought, and every error that nobody caught. The event of a fetch whose id
 * is 'held' lasts until a page says 'go on'.
 */
const WORKER = `
const hostile = { own: () => Reflect.ownKeys(Object.prototype).map(String).join(), messages: 0 };
hostile.ownAtFirst = hostile.own();
hostile.tell = (message) => {
  const channel = new BroadcastChannel('hostile');
  channel.postMessage(message);
  channel.close();
};
hostile.released = new Promise((resolve) => (hostile.release = resolve));
addEventListener('message', ({ data, ports }) => {
  if (data === 'go on') hostile.release();
  else if (data === 'how many?') ports[0].postMessage(hostile.messages);
  else hostile.messages += 1;
});
for (const type of ['success', 'fail', 'abort']) {
  addEventListener('backgroundfetch' + type, (event) => event.waitUntil(hostile.report(event)));
}
hostile.report = async ({ type, registration }) => {
  const { id, downloaded } = registration;
  hostile.tell({ begun: id });
  if (id === 'held') await hostile.released;
  const requests = [];
  const bodies = [];
  for (const { request: { url, method, headers }, responseReady } of await registration.matchAll()) {
    requests.push({ url, method, headers: [...headers] });
    bodies.push(await responseReady.then(hashOf, (error) => error.name));
  }
  hostile.tell({ type, id, downloaded, requests, bodies, isPolluted: hostile.own() !== hostile.ownAtFirst });
};
async function hashOf(response) {
  const digest = await crypto.subtle.digest('SHA-256', await response.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
const { error: nativeError } = console;
console.error = (...values) => {
  hostile.tell({ error: 'worker: ' + values.map(String).join(' ') });
  nativeError.apply(console, values);
};
for (const type of ['error', 'unhandledrejection']) {
  addEventListener(type, ({ message, reason }) => hostile.tell({ error: 'worker: ' + (message ?? reason) }));
}`;

/** Comes before the polyfill. */
const BEFORE = `<script>
window.hostile = {
  own: () => Reflect.ownKeys(Object.prototype).map(String).join(),
  begun: [],
  told: [],
  errors: [],
  waiting: new Set(),
  heard: new BroadcastChannel('hostile'),
  until: (condition) => new Promise((resolve) => {
    const look = () => {
      if (!condition()) return;
      hostile.waiting.delete(look);
      resolve();
    };
    hostile.waiting.add(look);
    look();
  }),
  async manager() {
    return (await navigator.serviceWorker.ready).backgroundFetch;
  },
  /** The uids of the fetches that this origin runs, as any script of it can find them out. */
  async uids() {
    const { held } = await navigator.locks.query();
    const names = held.map(({ name }) => /^background-fetch:(.*)$/.exec(name)?.[1]);
    return names.filter(Boolean);
  },
  async ask(question) {
    const { active } = await navigator.serviceWorker.ready;
    const { port1, port2 } = new MessageChannel();
    active.postMessage(question, [port2]);
    return new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
  },
};
hostile.rows = ${countRows};
hostile.ownAtFirst = hostile.own();
hostile.heard.onmessage = ({ data }) => {
  if (data.error) hostile.errors.push(data.error);
  else if (data.begun !== undefined) hostile.begun.push(data.begun);
  else hostile.told.push(data);
  hostile.waiting.forEach((look) => look());
};
for (const type of ['error', 'unhandledrejection']) {
  addEventListener(type, ({ message, reason }) => hostile.errors.push('page: ' + (message ?? reason)));
}
const { error: nativeError } = console;
console.error = (...values) => {
  hostile.errors.push('page: ' + values.map(String).join(' '));
  nativeError.apply(console, values);
};
</script>`;

/** The first page of a test registers the worker; `again` opens another. */
export function openHostile(context, { again = false, settings = {}, ...options } = {}) {
  const worker = again ? {} : { worker: WORKER };
  return context.openPage({ polyfill: { settings }, before: BEFORE, ...worker, ...options });
}

/** What is to be true in the end of every such test. */
export async function assertUnharmed(page) {
  const seen = await page.evaluate(() => {
    const { hostile } = window;
    const isPolluted = hostile.own() !== hostile.ownAtFirst || hostile.told.some((event) => event.isPolluted);
    return { errors: hostile.errors, isPolluted, isBroken: 'isBroken' in window };
  });
  assert.deepEqual(seen, { errors: [], isPolluted: false, isBroken: false });
  await page.waitFor(async () => (await window.hostile.rows()) === 0);
}
