import { openApp, PAGE } from './app.mjs';

/** In a page with a shelf: what it shows, and what a user presses. */
const SHELF = `
<script>
window.shelf = {
  get root() {
    return document.querySelector('background-fetch-shelf').shadowRoot;
  },
  items() {
    return [...shelf.root.querySelectorAll('[part=entry]')];
  },
  item(title) {
    return shelf.items().find((item) => item.querySelector('[part=title]')?.textContent === title);
  },
  part(title, part) {
    return shelf.item(title)?.querySelector('[part~=' + part + ']');
  },
  entries() {
    const text = (item, part) => item.querySelector('[part=' + part + ']')?.textContent;
    return shelf.items().map((item) => ({
      title: text(item, 'title'),
      state: item.dataset.state,
      actions: [...item.querySelectorAll('[data-action]')].map(({ dataset }) => dataset.action).join(' '),
    }));
  },
  entry(title) {
    return shelf.entries().find((entry) => entry.title === title);
  },
  press(title, action) {
    const item = shelf.item(title);
    item.querySelector(action === 'open' ? '[part=body]' : '[data-action=' + action + ']').click();
  },
};
</script>
<script src="/pkg/shelf.js"></script>
`;

export const ELEMENT = '<background-fetch-shelf></background-fetch-shelf>';

/**
 * Opens a page of the app with a shelf, or with what `element` is instead.
 *
 * @param {any} context
 * @param {Parameters<typeof openApp>[1] & { element?: string }} [options]
 */
export async function openShelf(context, { element = ELEMENT, html = '', ...options } = {}) {
  return openApp(context, { ...options, html: PAGE + SHELF + element + html });
}

/** Begins a fetch in a page of the app. */
export function begin(page, id, urls, options) {
  return page.evaluate((...args) => window.app.fetch(...args), id, urls, options);
}

/** Waits until an entry is in a state. */
export async function untilState(page, title, state) {
  try {
    await page.waitFor((name, awaited) => window.shelf.entry(name)?.state === awaited, title, state);
  } catch (error) {
    error.message += `\n${JSON.stringify(await page.evaluate(() => window.shelf.entries()))}`;
    throw error;
  }
}

export function press(page, title, action) {
  return page.evaluate((name, what) => window.shelf.press(name, what), title, action);
}

/** Waits until an entry is gone. */
export async function untilGone(page, title) {
  await page.waitFor((name) => window.shelf.entry(name) === undefined, title);
}
