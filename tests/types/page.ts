import 'background-fetch-polyfill';
import type {
  BackgroundFetchPolyfillOptions,
  BackgroundFetchPolyfillRetryPolicy,
  BackgroundFetchPolyfillSettings,
} from 'background-fetch-polyfill';
import { describe, explain } from './shared.js';

// The README's quick start.
const registration = await navigator.serviceWorker.ready;
if ('backgroundFetch' in registration) {
  const fetch = await registration.backgroundFetch.fetch('season-1', ['/s01e01.mp4', '/s01e02.mp4'], {
    title: 'Season 1',
    downloadTotal: 1_533_400_000,
  });
  fetch.addEventListener('progress', () => {
    console.log(`${fetch.downloaded} of ${fetch.downloadTotal} bytes, ${fetch.result || 'running'}`);
  });
}

const manager: BackgroundFetchManager = registration.backgroundFetch;
await manager.fetch('one', '/film');
await manager.fetch('url', new URL('/film', location.href));
await manager.fetch('request', new Request('/film', { method: 'POST', body: 'body' }));
await manager.fetch(
  'readonly',
  ['/film', new Request('/film'), new URL('https://example.com/')] as const,
  {},
);
await manager.fetch('set', new Set(['/film']), {
  icons: [{ src: '/icon' }, { src: '/icon.png', sizes: '96x96', type: 'image/png', label: 'Icon' }],
});
const options: BackgroundFetchOptions = {
  title: 'Film',
  downloadTotal: 1e9,
  icons: new Set<BackgroundFetchImageResource>(),
};
const ui: BackgroundFetchUIOptions = options;
const ids: string[] = await manager.getIds();

const found = await manager.get('season-1');
if (found !== undefined) {
  const events: EventTarget = found;
  const id: string = found.id;
  const bytes: number = found.uploadTotal + found.uploaded + found.downloadTotal + found.downloaded;
  const result: BackgroundFetchResult = found.result;
  const reason: string = explain(found.failureReason);
  const available: boolean = found.recordsAvailable;
  const aborted: boolean = await found.abort();
  console.log(events, id, bytes, result, reason, available, aborted, describe(found), ui, ids);

  found.onprogress = function (event) {
    const self: BackgroundFetchRegistration = this;
    const time: number = event.timeStamp;
    console.log(self.id, time);
  };
  found.onprogress = null;
  function listener(this: BackgroundFetchRegistration, event: Event) {
    console.log(this.downloaded, event.type);
  }
  found.addEventListener('progress', listener, { once: true });
  found.removeEventListener('progress', listener);
  found.removeEventListener('progress', listener, { capture: true });
  found.addEventListener('progress', function () {
    console.log(this.downloaded);
  });
  found.removeEventListener('progress', function () {
    console.log(this.downloaded);
  });
  found.addEventListener('mine', { handleEvent: (event) => console.log(event.type) });
  found.addEventListener('mine', console.log, { passive: true });
  found.removeEventListener('mine', console.log, true);

  const record = await found.match('/film', { ignoreSearch: true });
  const request: Request | undefined = record?.request;
  const response: Response | undefined = await record?.responseReady;
  const all: BackgroundFetchRecord[] = await found.matchAll();
  await found.match(new Request('/film'));
  await found.matchAll(new URL('/film', location.href), { ignoreMethod: true, ignoreVary: true });
  console.log(request, response, all[0]?.request.url);
}

// Constructors are there for `instanceof` and for looking what they have.
const thing: unknown = found;
if (thing instanceof BackgroundFetchManager) await thing.getIds();
if (thing instanceof BackgroundFetchRegistration) console.log(thing.id);
if (thing instanceof BackgroundFetchRecord) await thing.responseReady;
const { prototype } = self.BackgroundFetchRegistration;
const abort: () => Promise<boolean> = prototype.abort;
const isThere: boolean = 'BackgroundFetchManager' in self;
console.log(abort, isThere, BackgroundFetchManager.prototype.getIds, BackgroundFetchRecord.prototype);

// The options.
const retry: BackgroundFetchPolyfillRetryPolicy = {
  attemptsToConnect: 1,
  attemptsToResume: 1,
  attemptsAgainstPolicy: 1,
  restarts: 1,
  firstDelay: 1,
  longestDelay: 1,
  longestRetryAfter: 1,
};
const settings: BackgroundFetchPolyfillSettings = {
  connections: 1,
  connectionsPerOrigin: 1,
  splitBytes: 1,
  unstoredBytes: 1,
  unstoredTime: 1,
  stallTime: 1,
  answerTime: 1,
  staleTime: 1,
  handlerTime: 1,
  progressInterval: 1,
  reminderInterval: 1,
  retry,
};
const all: BackgroundFetchPolyfillOptions = { force: true, isPermitted: () => true, settings };
self.backgroundFetchPolyfill = all;
window.backgroundFetchPolyfill = { isPermitted: async () => false };
globalThis.backgroundFetchPolyfill = undefined;

// Pausing.
if (found) {
  const { isPaused, isWaitingForNetwork, pause, resume } = await import('background-fetch-polyfill');
  const changed: boolean[] = [await pause(found), await resume(found)];
  const paused: boolean = isPaused(found);
  const waits: boolean = isWaitingForNetwork(found);
  console.log(changed, paused, waits);
}

// Where and when the script is needed.
await import('background-fetch-polyfill');
await import('background-fetch-polyfill/background-fetch-polyfill.js');

// The download shelf.
const { BackgroundFetchShelf, mountShelf, TEXTS } = await import('background-fetch-polyfill/shelf');
const { TEXTS_DE } = await import('background-fetch-polyfill/shelf/texts-de');
const shelf: HTMLElement = mountShelf({ keepScreenAwake: true, blocked: 'navigate', texts: TEXTS_DE });
const other = document.querySelector('background-fetch-shelf');
if (other instanceof BackgroundFetchShelf) other.texts = { ...TEXTS, shelf: 'Episodes' };
console.log(shelf, other?.texts.failures['bad-status']);
await import('background-fetch-polyfill/shelf/define');

// The storage manager.
const { StorageManager, StorageManagerError } = await import('background-fetch-polyfill/storage-manager');
const library = new StorageManager({ endpoint: '/sets' });
const unsubscribe: () => void = library.subscribe(() => console.log(library.getSnapshot()?.sets.length));
try {
  const { state, downloaded } = await library.store('season-1');
  const isOnItsWay: boolean = state === 'fetching' && downloaded !== undefined;
  await library.saveToDisk('/media/one.mp4', { name: 'One.mp4' });
  console.log(isOnItsWay, (await library.list()).storage.stored);
} catch (error) {
  if (error instanceof StorageManagerError) console.log(error.status, error.wouldHaveToGo?.join());
}
unsubscribe();
// @ts-expect-error: there is no such state
console.log((await library.store('a')).state === 'done');

// Its list.
const sets = await import('background-fetch-polyfill/storage-manager/list');
const german = await import('background-fetch-polyfill/storage-manager/list/texts-de');
const list: HTMLElement = sets.mountStorageManagerList({ manager: library, texts: german.TEXTS_DE });
const another = document.querySelector('storage-manager-list');
if (another instanceof sets.StorageManagerList) {
  another.manager = library;
  another.texts = { ...sets.TEXTS, store: 'Download', problems: { impossible: 'No.' } };
}
console.log(list, another?.texts.problems.noWorker, another?.manager?.getSnapshot());
await import('background-fetch-polyfill/storage-manager/list/define');
