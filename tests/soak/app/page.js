let departures = 0;
addEventListener('pagehide', () => (departures += 1));

/** Calls the API and tells the server what came of it: the caller may have left the page by then. */
async function call(name, id, work) {
  const before = departures;
  let answer;
  try {
    answer = { value: String(await work()) };
  } catch (error) {
    answer = { error: `${error.name}: ${error.message}`, wasLeft: String(departures !== before) };
  }
  self.report('answered', { call: name, id, ...answer }).catch(() => {});
}

async function find(id) {
  const { backgroundFetch } = await navigator.serviceWorker.ready;
  return backgroundFetch.get(id);
}

/** Gives undefined where the fetch has ended, as its id is free then. */
function withFetch(name, id, work) {
  return call(name, id, async () => {
    const registration = await find(id);
    return registration && work(registration);
  });
}

/** `[{path, upload}]`: GETs, and POSTs of so many bytes. */
function requestsOf(files) {
  return files.map(({ path, upload }) =>
    upload === undefined ? path : new Request(path, { method: 'POST', body: bytesOf(upload) }),
  );
}

function bytesOf(length) {
  return Uint8Array.from({ length }, (_, index) => index % 251);
}

/** Each is begun, and not waited for by who asks. */
window.soak = {
  begin(id, files, options) {
    call('begin', id, async () => {
      const { backgroundFetch } = await navigator.serviceWorker.ready;
      show(await backgroundFetch.fetch(id, requestsOf(files), options));
    });
  },
  pause(id) {
    withFetch('pause', id, (registration) => window.backgroundFetchPolyfill.pause(registration));
  },
  resume(id) {
    withFetch('resume', id, (registration) => window.backgroundFetchPolyfill.resume(registration));
  },
  abort(id) {
    withFetch('abort', id, (registration) => registration.abort());
  },
  /** Is waited for: nothing stays paused. */
  async resumeAll() {
    const { backgroundFetch } = await navigator.serviceWorker.ready;
    for (const id of await backgroundFetch.getIds()) {
      const registration = await backgroundFetch.get(id);
      if (registration) await window.backgroundFetchPolyfill.resume(registration);
    }
  },
};

/** As an app does that shows its downloads. */
function show(registration) {
  const line = document.body.appendChild(document.createElement('p'));
  const tell = () => {
    const { id, downloaded, result } = registration;
    line.textContent = `${id}: ${downloaded} ${result}`;
  };
  registration.addEventListener('progress', tell);
  tell();
}

/** Every page follows all fetches that are there when it opens. */
call('show', '', async () => {
  const { backgroundFetch } = await navigator.serviceWorker.ready;
  for (const id of await backgroundFetch.getIds()) {
    const registration = await backgroundFetch.get(id);
    if (registration) show(registration);
  }
});
