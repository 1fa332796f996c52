import './options.js';
import { isPaused } from 'background-fetch-polyfill';

self.fetchFile = async () => {
  const { backgroundFetch } = await navigator.serviceWorker.ready;
  const registration = await backgroundFetch.fetch('set', '/one.bin');
  return {
    manager: String(backgroundFetch),
    registration: String(registration),
    isPaused: isPaused(registration),
  };
};
self.askWorker = async () => {
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
    active.postMessage('names', [port2]);
  });
};
