// In place of the demo's worker.
addEventListener('install', (event) =>
  event.waitUntil(Promise.reject(new Error('This one cannot be installed'))),
);
