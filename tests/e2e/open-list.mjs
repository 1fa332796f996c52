import { openLibrary } from './open-library.mjs';

/** In a page with lists of the storage manager: what the first shows, and what a user presses. */
const LIST = `
<script>
window.list = {
  said: [],
  get element() {
    return document.querySelector('storage-manager-list');
  },
  get root() {
    return list.element.shadowRoot;
  },
  rows(element = list.element) {
    return [...element.shadowRoot.querySelectorAll('[part=set]')];
  },
  row(title, element) {
    return list.rows(element).find((item) => item.querySelector('[part=title]').textContent === title);
  },
  part(title, part) {
    return list.row(title)?.querySelector('[part~=' + part + ']');
  },
  text(title, part) {
    const found = list.part(title, part);
    return found && !found.hidden ? found.textContent : undefined;
  },
  actions(title, element) {
    const buttons = list.row(title, element)?.querySelectorAll('button') ?? [];
    return [...buttons].map(({ dataset }) => dataset.action).join(' ');
  },
  titles() {
    return list.rows().map((item) => item.querySelector('[part=title]').textContent);
  },
  /** As a key press does: only what has the focus, and is no button that waits. */
  press(title, action) {
    const pressed = list.row(title).querySelector('[data-action=' + action + ']');
    pressed.focus();
    pressed.click();
  },
  focused() {
    const { activeElement } = list.root;
    return activeElement?.dataset.action ?? activeElement?.getAttribute('part');
  },
  /** Everything that the live region says from now on. */
  hear(element = list.element) {
    const region = element.shadowRoot.querySelector('[part=announcer]');
    new MutationObserver(() => region.textContent && list.said.push(region.textContent)).observe(region, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  },
  /** A manager whose snapshot is the test's; its methods do what 'answers' has. */
  fake(snapshot, answers = {}) {
    const listeners = new Set();
    const calls = [];
    const manager = {
      calls,
      listeners,
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      getSnapshot: () => snapshot,
      show(next) {
        snapshot = { ...snapshot, ...next };
        for (const listener of listeners) listener();
      },
      change(id, members) {
        manager.show({ sets: snapshot.sets.map((set) => (set.id === id ? { ...set, ...members } : set)) });
      },
      async refresh() {},
    };
    for (const name of ['store', 'remove', 'cancel', 'pause', 'resume', 'pin'])
      manager[name] = async (...args) => {
        calls.push([name, ...args]);
        if (answers[name]) throw Object.assign(new Error(name), { name: 'StorageManagerError' }, answers[name]);
      };
    return manager;
  },
  /** A set of a snapshot. */
  set(id, members) {
    const common = { id, title: id, icons: [], size: 3_000_000, fileCount: 3, state: 'absent', isStored: false };
    return { ...common, isPinned: false, isListed: true, ...members };
  },
  /** Puts a list of these sets into the page. */
  mount(sets, answers, rest) {
    const element = document.createElement('storage-manager-list');
    element.manager = list.fake({ sets, storage: { stored: 6_000_000, limit: 60_000_000 }, ...rest }, answers);
    document.body.append(element);
    return element;
  },
};
</script>
<script src="/pkg/storage-manager-list.js"></script>
`;

export const ELEMENT = '<storage-manager-list></storage-manager-list>';

/**
 * Opens a page of the app with a list, or with what `element` is instead.
 *
 * @param {any} context
 * @param {Parameters<typeof openLibrary>[1] & { element?: string }} [options]
 */
export function openList(context, { element = ELEMENT, html = '', ...options } = {}) {
  return openLibrary(context, { ...options, html: LIST + element + html });
}

/** The same without a worker, for lists of `list.mount()`. */
export function openPlain(context, { element = '', html = '', ...options } = {}) {
  return context.openPage({ ...options, html: LIST + element + html });
}

/** Waits until a list has these buttons for a set. */
export async function untilActions(page, title, actions) {
  try {
    await page.waitFor(
      { timeout: 30_000 },
      (name, awaited) => {
        const isBusy = window.list.row(name)?.querySelector('[aria-disabled]');
        return !isBusy && window.list.actions(name) === awaited;
      },
      title,
      actions,
    );
  } catch (error) {
    error.message += `\n${await page.evaluate(() => window.list.root.textContent)}`;
    throw error;
  }
}

export function press(page, title, action) {
  return page.evaluate((name, what) => window.list.press(name, what), title, action);
}

/** What a user reads of a set. */
export function text(page, title, part) {
  return page.evaluate((name, what) => window.list.text(name, what), title, part);
}
