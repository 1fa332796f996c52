/**
 * @param {string} tag
 * @param {Record<string, string | boolean | undefined>} attributes undefined and false leave one out
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children);
  return node;
}

/** @returns {HTMLElement} */
export const byId = (id) => document.getElementById(id);

/** A button that cannot be used just now keeps the keyboard's place on the page, which `disabled` would take from it. */
export function setUsable(button, usable) {
  button.setAttribute('aria-disabled', String(!usable));
}

/** Calls a function when a button is pressed that can be used. */
export function onPress(button, act) {
  button.addEventListener('click', () => {
    if (button.getAttribute('aria-disabled') !== 'true') act();
  });
}

/** Writes only changes, so that screen readers and selections are left alone. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
