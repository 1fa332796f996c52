/**
 * How far the background fetch is, from the database itself, before the polyfill can change anything: the stages of the
 * fetches, the length of each record as far as its bytes can be read, what lies ahead of that, what is wrong with the rest, and
 * its bytes; what became of the database where there is none.
 */
async function readStored() {
  const { database, absence } = await openDatabase();
  if (!database) return { stages: [], lengths: [], ahead: [], damaged: [], unreadable: 0, absence };
  const transaction = database.transaction(['fetches', 'records', 'chunks']);
  const all = (store, method) => resultOf(transaction.objectStore(store)[method]());
  const [fetches, recordKeys, records, chunkKeys, chunks] = await Promise.all([
    all('fetches', 'getAll'),
    all('records', 'getAllKeys'),
    all('records', 'getAll'),
    all('chunks', 'getAllKeys'),
    all('chunks', 'getAll'),
  ]);
  const lengths = [];
  const ahead = [];
  const damaged = [];
  let unreadable = 0;
  for (const [n, [, index]] of recordKeys.entries()) {
    const own = chunks
      .map((chunk, m) => ({ chunk, key: chunkKeys[m] }))
      .filter(({ key }) => key[1] === index);
    const counted = records[n];
    lengths[index] = 0;
    ahead[index] = [];
    for (const { start, end } of [{ start: 0, end: counted.length }, ...(counted.ahead ?? [])]) {
      const { length, problem } = await readChunks(own, start, end);
      if (start === 0) lengths[index] = length;
      else ahead[index].push({ start, end: start + length });
      if (length === end - start) continue;
      unreadable += end - start - length;
      damaged.push(`record ${index}, ${length} bytes of ${start} to ${end}: ${problem ?? 'no more chunks'}`);
    }
  }
  database.close();
  return {
    stages: fetches.map(({ stage }) => stage),
    lengths: Array.from(lengths, (length) => length ?? 0),
    ahead: Array.from(ahead, (extents) => extents ?? []),
    damaged,
    unreadable,
  };
}

/** How many bytes there are from `start` on without a gap, and what is wrong with the next. */
async function readChunks(chunks, start, end) {
  let length = 0;
  for (const { chunk, key } of chunks) {
    const [, , offset] = key;
    if (offset < start || offset >= end) continue;
    if (offset !== start + length) return { length, problem: `a chunk begins at ${offset}` };
    try {
      length += (await new Response(chunk).arrayBuffer()).byteLength;
    } catch (error) {
      return { length, problem: `${error.name}, ${error.message}` };
    }
  }
  return { length };
}

async function openDatabase() {
  const request = indexedDB.open('background-fetch');
  let absence;
  request.onupgradeneeded = ({ dataLossMessage }) => {
    // Chromium says where it has deleted one.
    absence = `there is no database. ${dataLossMessage ?? ''}`;
    // It is not made here, where nobody knows what belongs in it.
    request.transaction.abort();
  };
  try {
    return { database: await resultOf(request) };
  } catch (error) {
    if (error.name === 'AbortError') return { absence };
    throw error;
  }
}

function resultOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function load(src) {
  const script = document.createElement('script');
  await new Promise((resolve, reject) => {
    Object.assign(script, { src, onload: resolve, onerror: reject });
    document.head.append(script);
  });
}

/** Shows the server what the page is shown of a fetch, from now on. */
function follow(id) {
  const registration = window.app.registrations[id];
  const tell = () => {
    const { downloaded, result, failureReason } = registration;
    self.report('shown', { downloaded });
    if (result) self.report('settled', { result, failureReason });
  };
  registration.addEventListener('progress', tell);
  self.report('resolved');
  tell();
}

window.trial = {
  /** Gives what was stored, and loads the polyfill only then. */
  async open() {
    // The worker may go on before the page is there.
    await self.report('looks');
    const stored = await readStored();
    await load('/polyfill-options.js');
    await load('/pkg/background-fetch-polyfill.js');
    return stored;
  },

  async install() {
    const { serviceWorker } = navigator;
    const registration = await serviceWorker.register('/app/service-worker.js', { scope: '/' });
    const worker = registration.installing ?? registration.waiting ?? registration.active;
    while (worker.state !== 'activated') {
      await new Promise((resolve) => worker.addEventListener('statechange', resolve, { once: true }));
    }
    return registration.scope;
  },

  async begin(id, paths, options) {
    try {
      await window.app.fetch(id, paths, options);
      follow(id);
    } catch (error) {
      self.report('rejected', { name: error.name, message: error.message });
    }
  },

  /** Finds nothing where the fetch is settled: its id is free. */
  async find(id) {
    try {
      if (await window.app.find(id)) follow(id);
    } catch (error) {
      self.report('rejected', { name: error.name, message: error.message });
    }
  },

  async describe() {
    return { inDatabase: await readStored(), ...(await window.app.describe()) };
  },
};

window.trial.opened = window.trial.open();
