import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { forEachEngine } from './harness.mjs';
import { begin, openShelf, press, untilState } from './open-shelf.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const MIB = 1 << 20;
const TITLE = 'Thirty-one-billion-parameters-and-more, in four bits, with a very long name';

/** Each with another look of the page around. */
const LOOKS = [
  { scheme: 'light', width: 1280, size: '100%', texts: undefined },
  { scheme: 'dark', width: 1280, size: '100%', texts: undefined },
  { scheme: 'light', width: 320, size: '100%', texts: 'TEXTS_DE' },
  { scheme: 'dark', width: 400, size: '200%', texts: 'TEXTS_AR' },
];

const IMPORTS = `<script type="module">
import { TEXTS_DE } from '/pkg/shelf-texts-de.mjs';
import { TEXTS_AR } from '/pkg/shelf-texts-ar.mjs';
window.texts = { TEXTS_DE, TEXTS_AR };
</script>`;

/** In the outer page: what its frame's shelf looks like, and what axe finds in it. */
async function look({ scheme, width, size, texts }, axe) {
  const frame = document.querySelector('iframe');
  const inner = frame.contentWindow;
  frame.style.width = `${width}px`;
  inner.document.documentElement.style.colorScheme = scheme;
  inner.document.documentElement.style.fontSize = size;
  const element = inner.document.querySelector('background-fetch-shelf');
  element.texts = texts ? inner.texts[texts] : {};
  await new Promise((resolve) => setTimeout(resolve, 100));
  if (!inner.axe) inner.eval(axe);
  const { violations, passes } = await inner.axe.run(element, { resultTypes: ['violations'] });
  const shelf = element.shadowRoot.querySelector('[part=shelf]');
  const { left, right } = shelf.getBoundingClientRect();
  const outside = [...shelf.querySelectorAll('*')].filter((node) => {
    const box = node.getBoundingClientRect();
    return box.width > 0 && (box.left < left - 0.5 || box.right > right + 0.5);
  });
  return {
    violations: violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 100))}`),
    passes: passes.length,
    outside: outside.map((node) => node.getAttribute('part') ?? node.tagName),
    isInView: left >= 0 && right <= inner.innerWidth,
    background: inner.getComputedStyle(shelf).backgroundColor,
    direction: inner.getComputedStyle(shelf).direction,
  };
}

forEachEngine('shelf: looks', ({ test }) => {
  test('nothing is out of reach or unreadable in any of its looks', async (context) => {
    const { server } = context;
    server.file('/film', { size: 40 * MIB, throttle: 200_000 });
    server.file('/gone', { size: 10, status: 404 });
    const app = await openShelf(context, { html: IMPORTS });
    server.page(
      '/frame',
      '<!doctype html><title>A frame</title><iframe src="/" title="The app" height="700"></iframe>',
    );
    await begin(app, 'gone', '/gone', { title: 'Gone' });
    await begin(app, 'paused', '/film', { title: 'Paused', downloadTotal: 40 * MIB });
    await begin(app, 'film', ['/film', '/film?2'], { title: TITLE });
    await untilState(app, 'Paused', 'downloading');
    await press(app, 'Paused', 'pause');
    await untilState(app, 'Stored', 'failure');

    const page = await context.browser.newPage(server.url('/frame'));
    try {
      await page.waitFor(() => {
        const { shelf, texts } = document.querySelector('iframe').contentWindow;
        return texts && shelf?.entries().filter(({ title }) => title).length === 3;
      });
      const backgrounds = new Set();
      for (const one of LOOKS) {
        const { violations, passes, outside, isInView, background, direction } = await page.evaluate(
          look,
          one,
          AXE,
        );
        const named = JSON.stringify(one);
        assert.deepEqual(violations, [], named);
        assert.ok(passes > 5, `axe looked at too little: ${named}`);
        assert.deepEqual(outside, [], named);
        assert.equal(isInView, true, named);
        assert.equal(direction, one.texts === 'TEXTS_AR' ? 'rtl' : 'ltr', named);
        backgrounds.add(background);
      }
      assert.equal(backgrounds.size, 2, 'light and dark');
    } finally {
      await page.close();
    }
    for (const id of ['paused', 'film'])
      await app.evaluate((name) => window.app.registrations[name].abort(), id);
  });

  test("the page's custom properties are its own, and the shelf's change the look", async (context) => {
    context.server.file('/film', { size: 40 * MIB, throttle: 200_000 });
    const own = ':root { --accent: rgb(1, 2, 3); } background-fetch-shelf { --shelf-accent: var(--accent); }';
    const page = await openShelf(context, {
      html: `<style>${own} background-fetch-shelf::part(heading) { color: rgb(4, 5, 6); } button { padding: 99px; }</style>`,
    });
    await begin(page, 'film', '/film', { title: 'A film' });
    await untilState(page, 'A film', 'downloading');
    const seen = await page.evaluate(() => {
      const { root } = window.shelf;
      const style = (part) => getComputedStyle(root.querySelector(`[part~=${part}]`));
      return {
        accent: style('progress-value').backgroundColor,
        heading: style('heading').color,
        padding: style('pause').paddingTop,
        ofPage: getComputedStyle(document.body).getPropertyValue('--surface'),
      };
    });
    const padding = seen.padding !== '99px';
    assert.deepEqual(
      { ...seen, padding },
      { accent: 'rgb(1, 2, 3)', heading: 'rgb(4, 5, 6)', padding: true, ofPage: '' },
    );
    await page.evaluate(() => window.app.registrations.film.abort());
  });

  test('whoever has pressed a button goes on from there', async (context) => {
    context.server.file('/film', { size: 40 * MIB, throttle: 200_000 });
    const page = await openShelf(context);
    for (const id of ['one', 'two']) {
      await begin(page, id, `/film?${id}`, {});
      await untilState(page, id, 'downloading');
    }
    const focused = () =>
      page.evaluate(() => {
        const { activeElement } = window.shelf.root;
        return activeElement?.dataset.action ?? activeElement?.getAttribute('part');
      });
    const order = await page.evaluate(() =>
      [...window.shelf.root.querySelectorAll('button')]
        .filter((each) => each.checkVisibility())
        .map((each) => each.dataset.action ?? each.getAttribute('part').split(' ').at(-1)),
    );
    const entry = ['body', 'pause', 'cancel'];
    assert.deepEqual(order.slice(0, 7), ['minimize', ...entry, ...entry]);
    const pressFocused = (title, action) =>
      page.evaluate(
        (name, what) => {
          const pressed = window.shelf.part(name, what);
          pressed.focus();
          pressed.click();
        },
        title,
        action,
      );
    await pressFocused('two', 'pause');
    await untilState(page, 'two', 'paused');
    assert.equal(await focused(), 'resume');
    await pressFocused('two', 'cancel');
    assert.equal(await focused(), 'undo');
    await page.waitFor(() => window.shelf.entries().length === 1);
    assert.equal(await focused(), 'body', 'of the other entry');
    await page.evaluate(() => window.shelf.root.querySelector('[part~=minimize]').click());
    assert.equal(await focused(), 'pill');
    await page.reload();
    await page.waitFor(() => window.shelf.root.querySelector('[part=pill]').checkVisibility());
    await page.evaluate(() => window.shelf.root.querySelector('[part=pill]').click());
    assert.equal(await focused(), 'button symbol minimize');
    await page.evaluate(async () => (await window.app.find('one')) && window.app.registrations.one.abort());
  });
});
