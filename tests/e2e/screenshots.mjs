/** `npm run screenshots`: the shelf in all its looks, in each engine, as files of target/screenshots. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chosenEngines, findBrowser, PERSISTENT } from '../../scripts/setup/browsers.mjs';
import { launch } from '../browsers/index.mjs';
import { startServer } from '../server/server.mjs';

const DIRECTORY = fileURLToPath(new URL('../../target/screenshots/', import.meta.url));
const MIB = 1 << 20;
const LOOKS = {
  light: { scheme: 'light', width: 600, size: '100%' },
  dark: { scheme: 'dark', width: 600, size: '100%' },
  narrow: { scheme: 'light', width: 320, size: '100%', texts: 'TEXTS_DE' },
  'right to left': { scheme: 'dark', width: 600, size: '100%', texts: 'TEXTS_AR' },
  'large text': { scheme: 'light', width: 600, size: '200%' },
  many: { scheme: 'light', width: 600, size: '100%', many: true },
  pill: { scheme: 'dark', width: 600, size: '100%', isMinimized: true },
};

const ICON = (hue) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="hsl(${hue} 60% 45%)"/><path d="M1 6 3 3 4 4.5 5 3.500 7 6z" fill="#fff"/></svg>`;

const WORKER = `
self.backgroundFetchPolyfill = { force: true };
importScripts('/pkg/service-worker.js');
addEventListener('backgroundfetchsuccess', (event) => event.waitUntil(event.updateUI({ title: 'The Long Way Round' })));
`;

const APP = `<!doctype html><html lang="en"><meta charset="utf-8"><title>An app</title>
<meta name="viewport" content="width=device-width">
<style>body { font: 1rem/1.6 system-ui; margin: 2rem; background: Canvas; color: CanvasText; }</style>
<script>self.backgroundFetchPolyfill = { force: true };</script>
<script src="/pkg/background-fetch-polyfill.js"></script>
<script type="module">
import { TEXTS_DE } from '/pkg/shelf-texts-de.mjs';
import { TEXTS_AR } from '/pkg/shelf-texts-ar.mjs';
window.texts = { TEXTS_DE, TEXTS_AR };
</script>
<script src="/pkg/shelf.js"></script>
<h1>Lake Arven</h1><p>Films and music that stay on this device.</p>
<background-fetch-shelf></background-fetch-shelf></html>`;

async function serve() {
  const server = await startServer();
  server.page('/sw.js', WORKER, { type: 'text/javascript' });
  server.page('/app', APP);
  server.page(
    '/',
    '<!doctype html><style>body { margin: 0 } iframe { border: 0; height: 100vh; }</style><iframe src="/app"></iframe>',
  );
  for (const hue of [10, 130, 200, 280])
    server.page(`/icon-${hue}.svg`, ICON(hue), { type: 'image/svg+xml' });
  server.file('/song', { size: 3 * MIB });
  server.file('/film', { size: 700 * MIB, throttle: 2 * MIB });
  server.file('/gone', { size: 10, status: 404 });
  return server;
}

/** In the page. */
async function beginAll(many) {
  const inner = document.querySelector('iframe').contentWindow;
  await inner.navigator.serviceWorker.register('/sw.js');
  const { backgroundFetch } = await inner.navigator.serviceWorker.ready;
  const icons = (hue) => [{ src: `/icon-${hue}.svg`, sizes: 'any' }];
  const total = (count) => ({ downloadTotal: count << 20 });
  if (many) {
    for (let n = 1; n <= 30; n += 1)
      await backgroundFetch.fetch(`episode-${n}`, '/song', { title: `Episode ${n}`, icons: icons(10) });
    return;
  }
  await backgroundFetch.fetch('gone', '/gone', {
    title: 'A film that is not there any more',
    icons: icons(10),
  });
  await backgroundFetch.fetch('song', '/song', { title: 'The Long Way Round', icons: icons(130) });
  await backgroundFetch.fetch('paused', '/film', {
    title: 'Northern Lights',
    icons: icons(200),
    ...total(700),
  });
  await backgroundFetch.fetch('model', ['/film?1', '/film?2'], {
    title: 'A model of very many parameters with a long name, in four bits',
  });
  await backgroundFetch.fetch('film', '/film?3', {
    title: 'A Day at Lake Arven',
    icons: icons(280),
    ...total(700),
  });
}

/** In the page. */
async function show({ scheme, width, size, texts, isMinimized }) {
  const frame = document.querySelector('iframe');
  const { contentWindow: inner, contentDocument: app } = frame;
  frame.style.width = `${width}px`;
  app.documentElement.style.colorScheme = scheme;
  app.documentElement.style.fontSize = size;
  const element = app.querySelector('background-fetch-shelf');
  element.texts = texts ? inner.texts[texts] : {};
  const root = element.shadowRoot;
  const paused = [...root.querySelectorAll('[part=entry]')].find((item) =>
    item.textContent.includes('Northern'),
  );
  paused?.querySelector('[data-action=pause]')?.click();
  root.querySelector('[part=list]').scrollTop = 0;
  if (isMinimized) root.querySelector('[part~=minimize]').click();
}

async function takeAll(engine) {
  for (const [name, look] of Object.entries(LOOKS)) {
    const server = await serve();
    const browser = await launch(engine);
    try {
      const page = await browser.newPage(server.url('/'));
      await page.waitFor(() => document.querySelector('iframe').contentWindow.texts);
      await page.evaluate(beginAll, look.many === true);
      await page.waitFor(() => {
        const { shadowRoot } = document
          .querySelector('iframe')
          .contentDocument.querySelector('background-fetch-shelf');
        const states = [...shadowRoot.querySelectorAll('[data-state]')].map(({ dataset }) => dataset.state);
        return (
          states.includes('success') &&
          !states.includes('starting') &&
          !/Downloading$/.test(shadowRoot.textContent)
        );
      });
      // Speeds are told after a while.
      await page.waitFor(
        (many) =>
          many ||
          /\/s/.test(
            document.querySelector('iframe').contentDocument.querySelector('background-fetch-shelf')
              .shadowRoot.textContent,
          ),
        look.many === true,
      );
      await page.evaluate(show, look);
      await new Promise((resolve) => setTimeout(resolve, 700));
      await page.screenshot(join(DIRECTORY, `${engine}, ${name}.png`));
    } finally {
      await browser.close();
      await server.close();
    }
  }
}

await mkdir(DIRECTORY, { recursive: true });
for (const engine of chosenEngines().filter((each) => PERSISTENT.includes(each))) {
  const { available, reason } = findBrowser(engine);
  if (available) await takeAll(engine);
  else console.error(`${engine}: ${reason}`);
}
console.log(`The screenshots are in ${DIRECTORY}`);
