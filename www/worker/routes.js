import { partialResponse } from './partial-response.js';
import { isShellFile, keepShell, shellResponse } from './shell.js';

self.addEventListener('install', (event) => {
  event.waitUntil(keepShell().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin || request.method !== 'GET') return;
  if (isShellFile(pathname)) event.respondWith(shellResponse(request));
  else if (pathname.startsWith('/assets/')) event.respondWith(storedOrRemote(request));
});

async function storedOrRemote(request) {
  const stored = await caches.match(request.url);
  return stored ? partialResponse(request, stored) : fetch(request);
}
