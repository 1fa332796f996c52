import assert from 'node:assert/strict';
import { forEachEngine } from './harness.mjs';

forEachEngine('smoke', ({ test }) => {
  test('a service worker answers a message', async ({ openPage }) => {
    const page = await openPage({
      worker: `addEventListener('message', (event) => event.ports[0].postMessage(event.data + 1));`,
    });
    const answer = await page.evaluate(async (question) => {
      const { active } = await navigator.serviceWorker.getRegistration();
      const { port1, port2 } = new MessageChannel();
      return new Promise((resolve) => {
        port1.onmessage = ({ data }) => resolve(data);
        active.postMessage(question, [port2]);
      });
    }, 41);
    assert.equal(answer, 42);
  });
});
