import { setTimeout as delay } from 'node:timers/promises';
import { Choices } from '../choices.mjs';
import { RandomContent } from '../server/content.mjs';

const MIB = 1 << 20;
/** Two sets that share a file; each version of a file has another length. */
const SETS = { one: ['/alpha', '/shared'], two: ['/beta', '/shared'] };
const LIMIT = { timeout: 60_000 };
const KILLS = 4;

const WORKER = `
self.backgroundFetchPolyfill = { force: true };
importScripts('/pkg/service-worker.js', '/pkg/storage-manager-worker.js');
backgroundFetchPolyfill.storageManager({ manifest: '/manifest.json', budget: { maxBytes: BUDGET } });
addEventListener('install', () => self.skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
`;

const PAGE = `<!doctype html><title>library</title>
<script>self.backgroundFetchPolyfill = { force: true };</script>
<script src="/pkg/background-fetch-polyfill.js"></script>
<script>
window.ask = async (method, body) => {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch('/storage-manager', body ? { method, headers, body: JSON.stringify(body) } : {});
  return response.json();
};
window.hashOf = async (url) => {
  const response = await fetch(url);
  const digest = await crypto.subtle.digest('SHA-256', await response.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
};
window.rows = async () => {
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open('background-fetch');
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const names = ['fetches', 'chunks', 'kept', 'files', 'sets'];
  const transaction = database.transaction(names);
  const all = (name, method) => new Promise((resolve) => {
    transaction.objectStore(name)[method]().onsuccess = ({ target }) => resolve(target.result);
  });
  const [fetches, chunks, uids, kept, files] = await Promise.all([
    all('fetches', 'getAllKeys'), all('chunks', 'getAllKeys'), all('kept', 'getAllKeys'), all('kept', 'getAll'), all('files', 'getAll'),
  ]);
  database.close();
  const counts = uids.map((uid, at) => [uid, kept[at].count]);
  return { fetches, chunks: chunks.map(([uid, index]) => [uid, index]), kept: counts, files };
};
navigator.serviceWorker.register('/sw.js');
</script>`;

/**
 * Sets that are stored, updated, evicted and removed, and a browser that is killed meanwhile. After each kill each file is of one
 * version, whole, and the state is true.
 */
export class LibraryTrial {
  #context;
  #choices;
  #versions = { '/alpha': 1, '/beta': 1, '/shared': 1 };
  #page;
  /** What went wrong; empty where nothing did. */
  faults = [];
  kills = 0;

  /** `context`: as that of `Trial`. */
  constructor(seed, context) {
    this.seed = seed;
    this.#context = context;
    this.#choices = new Choices(`library ${seed}`);
  }

  async run() {
    const { server } = this.#context;
    // Room for one of the sets alone, in some trials.
    const budget = this.#choices.of('budget').chance(0.4) ? 8 * MIB : 64 * MIB;
    server.page('/sw.js', WORKER.replace('BUDGET', String(budget)), { type: 'text/javascript' });
    server.page('/', PAGE);
    this.#serveVersions();
    await this.#open();
    await this.#context.browser.registrationStored(`${server.origin}/`);
    for (let kill = 0; kill < KILLS && this.faults.length === 0; kill += 1) await this.#liveAndDie(kill);
    return this;
  }

  async #open() {
    this.#page = await this.#context.browser.newPage(this.#context.server.url('/'));
    await this.#page.waitFor(LIMIT, () => navigator.serviceWorker.controller !== null);
  }

  #serveVersions() {
    const { server } = this.#context;
    for (const [path, version] of Object.entries(this.#versions)) {
      server.file(path, { ...contentOf(path, version), throttle: 12 * MIB });
    }
    const sets = Object.entries(SETS).map(([id, paths]) => ({
      id,
      files: paths.map((url) => {
        const hash = Buffer.from(server.sha256(url), 'hex').toString('base64');
        const { size } = server.contentOf(url);
        return { url, size, type: 'video/mp4', integrity: `sha256-${hash}` };
      }),
    }));
    const body = JSON.stringify({ version: 1, sets });
    server.file('/manifest.json', { body, type: 'application/json' });
  }

  async #liveAndDie(kill) {
    const choices = this.#choices.of(`life ${kill}`);
    const id = choices.weighted({ one: 1, two: 1 });
    const step = choices.weighted({ store: 3, update: 3, remove: 1 });
    if (step === 'update') {
      const path = choices.weighted({ [SETS[id][0]]: 2, '/shared': 1 });
      this.#versions[path] += 1;
      this.#serveVersions();
    }
    const order = step === 'remove' ? ['DELETE', { id }] : ['POST', { id }];
    await this.#page.evaluate((...args) => void window.ask(...args).catch(() => {}), ...order);
    await delay(choices.between(0, step === 'remove' ? 150 : 1500));
    await this.#context.restartBrowser();
    this.kills += 1;
    await this.#open();
    await this.#settle(step);
    await this.#check(`${step} ${id}`);
  }

  /** What was begun comes to its end. */
  async #settle(step) {
    const isSettled = async () => {
      const { sets } = await window.ask('GET');
      const { fetches } = await window.rows();
      return fetches.length === 0 && sets?.every(({ state }) => !['fetching', 'paused'].includes(state));
    };
    try {
      await this.#page.waitFor(LIMIT, isSettled);
    } catch {
      const state = await this.#page.evaluate(async () => [await window.ask('GET'), await window.rows()]);
      this.faults.push(`${step} hung: ${JSON.stringify(state)}`);
    }
  }

  async #check(what) {
    const { sets } = await this.#page.evaluate(() => window.ask('GET'));
    for (const path of Object.keys(this.#versions)) {
      const { server } = this.#context;
      const before = server.requests(path).length;
      const hash = await this.#page.evaluate((url) => window.hashOf(url), path);
      const isServed = server.requests(path).length === before;
      const version = this.#versionOf(path, hash);
      if (version === 0) this.faults.push(`${what}: ${path} is of no version`);
      for (const { id, state, isStored } of sets.filter((set) => SETS[set.id].includes(path))) {
        if (isStored && !isServed) this.faults.push(`${what}: ${path} of ${id} is lost, which is ${state}`);
        const isOld = version !== this.#versions[path];
        if (state === 'stored' && isOld) this.faults.push(`${what}: ${path} of ${id} is version ${version}`);
      }
    }
    this.#checkRows(what, await this.#page.evaluate(() => window.rows()));
  }

  #checkRows(what, { chunks, kept, files }) {
    const ofFiles = new Set(files.map(({ uid, index }) => `${uid} ${index}`));
    const strays = new Set(chunks.map((key) => key.join(' ')).filter((key) => !ofFiles.has(key)));
    if (strays.size > 0) this.faults.push(`${what}: chunks of no file: ${[...strays]}`);
    for (const [uid, count] of kept) {
      const found = files.filter((file) => file.uid === uid).length;
      if (found !== count) this.faults.push(`${what}: ${uid} is kept for ${count} files, and has ${found}`);
    }
    for (const { uid, url } of files) {
      if (!kept.some(([other]) => other === uid)) this.faults.push(`${what}: ${url} is not kept`);
    }
  }

  /** From 1 on; 0 where no version has this hash. */
  #versionOf(path, hash) {
    for (let version = this.#versions[path]; version > 0; version -= 1) {
      const { seed, size } = contentOf(path, version);
      if (new RandomContent(seed, size).sha256() === hash) return version;
    }
    return 0;
  }

  get isGood() {
    return this.faults.length === 0;
  }

  toString() {
    return `seed ${this.seed}: ${this.kills} kills, ${this.faults.join('; ') || 'good'}`;
  }
}

/** A file has as many MiB as its version says, and a half. */
function contentOf(path, version) {
  return { seed: `${path} ${version}`, size: Math.round((1.5 + (version % 3)) * MIB) };
}
