import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { forEachEngine } from './harness.mjs';
import { withDemo } from './open-demo.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const directory = (path) => fileURLToPath(new URL(path, import.meta.url));
/** The demo's own pages forbid to be framed; what is mounted is served without a policy. */
const MOUNTS = [
  { at: '/frame/', directory: directory('demo/') },
  { at: '/', directory: directory('../../www/dist/') },
  { at: '/', directory: directory('../../www/') },
];
const SLOW = 1_500_000;

const framed = (attribute, value) => {
  const { contentDocument } = document.querySelector('iframe');
  return contentDocument?.querySelector(`[${attribute}="${value}"]`) !== null;
};
const click = (id) => document.querySelector('iframe').contentDocument.getElementById(id).click();

/** What stands out sideways of what it lies in, with text of the usual size and of twice that. */
function overflow() {
  const { contentDocument: demo } = document.querySelector('iframe');
  const root = demo.documentElement;
  const found = [];
  for (const size of ['100%', '200%']) {
    root.style.fontSize = size;
    if (root.scrollWidth > root.clientWidth) found.push(`${size}: the page is ${root.scrollWidth} px wide`);
    for (const node of demo.querySelectorAll('main *, header *, footer *')) {
      const { right, width } = node.getBoundingClientRect();
      const edge = node.parentElement.getBoundingClientRect().right;
      if (width === 0 || right <= edge + 0.5 || node.closest('[aria-hidden]')) continue;
      const name = node.id || node.className || node.textContent.slice(0, 40);
      found.push(`${size}: ${node.tagName} ${name} stands out by ${Math.ceil(right - edge)} px`);
    }
  }
  root.style.fontSize = '';
  return found;
}

/** Buttons whose edge, or where they have none whose face, is less than 3:1 against what they lie on. */
function faintControls() {
  const { contentWindow: self, contentDocument: demo } = document.querySelector('iframe');
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (color) => {
    const linear = rgba(color)
      .slice(0, 3)
      .map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const ground = (node) => {
    const color = self.getComputedStyle(node).backgroundColor;
    return rgba(color)[3] === 255 || !node.parentElement ? color : ground(node.parentElement);
  };
  const found = [];
  for (const node of demo.querySelectorAll('button, .button, .speed span')) {
    if (node.getClientRects().length === 0 || node.closest(':disabled, [aria-disabled="true"]')) continue;
    const { borderTopColor, borderTopWidth, borderTopStyle, backgroundColor } = self.getComputedStyle(node);
    const around = ground(node.parentElement);
    const edge = borderTopStyle === 'none' || borderTopWidth === '0px' ? around : borderTopColor;
    const seen = Math.max(
      rgba(edge)[3] === 255 ? contrast(edge, around) : 1,
      rgba(backgroundColor)[3] === 255 ? contrast(backgroundColor, around) : 1,
    );
    if (seen < 3) found.push(`${node.id || node.textContent}: ${seen.toFixed(1)}:1 on ${around}`);
  }
  const speeds = [...demo.querySelectorAll('.speed input')];
  const face = ({ checked, nextElementSibling }) =>
    checked && self.getComputedStyle(nextElementSibling).backgroundColor;
  const chosen = speeds.map(face).find(Boolean);
  if (chosen && contrast(chosen, ground(demo.getElementById('speed'))) < 3)
    found.push(`chosen speed: ${chosen}`);
  return found;
}

async function violations() {
  const { contentWindow: self } = document.querySelector('iframe');
  const { violations } = await self.axe.run(self.document, { resultTypes: ['violations'] });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  );
}

const media = (page, features) =>
  page.devTools('Emulation.setEmulatedMedia', {
    features: Object.entries(features).map(([name, value]) => ({ name, value })),
  });

/** All that is wrong with how one state of the page looks. */
async function faults(page, engine, state) {
  const found = await page.evaluate(overflow);
  // The rules look at what the page says, which is the same in each engine.
  if (engine === 'chromium') {
    for (const scheme of ['light', 'dark']) {
      await media(page, { 'prefers-color-scheme': scheme });
      found.push(...(await page.evaluate(violations)).map((fault) => `${scheme}: ${fault}`));
      found.push(...(await page.evaluate(faintControls)).map((fault) => `${scheme}: ${fault}`));
    }
    await media(page, { 'forced-colors': 'active' });
    found.push(...(await page.evaluate(faintControls)).map((fault) => `forced colors: ${fault}`));
    await media(page, {});
  }
  return found.map((fault) => `${state}: ${fault}`);
}

forEachEngine('how the demo looks', ({ engine, test }) => {
  test('every state fits a narrow screen and large text, and can be read', { timeout: 120_000 }, (context) =>
    withDemo(
      context,
      { query: 'frame/frame.html', mounts: MOUNTS, bytesPerSecond: SLOW },
      async (page, server) => {
        const found = [];
        const look = async (state) => found.push(...(await faults(page, engine, state)));
        const open = async () => {
          await page.evaluate(() => (document.querySelector('iframe').src = '/?force'));
          await page.waitFor(framed, 'data-ready', 'yes');
          await page.waitFor(
            () => document.querySelector('iframe').contentDocument.querySelector('#series-icon').complete,
          );
          if (engine === 'chromium') {
            await page.evaluate(
              `(axe) => { document.querySelector('iframe').contentWindow.eval(axe); }`,
              AXE,
            );
          }
        };
        await open();
        await look('empty');
        await page.evaluate(click, 'store');
        await page.waitFor({ timeout: 30_000 }, framed, 'data-state', 'storing');
        await look('running');
        server.pace.bytesPerSecond = 0;
        await page.waitFor({ timeout: 60_000 }, framed, 'data-series', 'stored');
        await page.evaluate(click, 'lab-same-id');
        await page.waitFor({ timeout: 30_000 }, framed, 'data-state', 'done');
        await look('stored');
        await server.close();
        await page.waitFor(framed, 'data-server', 'off');
        await look('offline');
        assert.deepEqual(found, []);
      },
    ),
  );
});
