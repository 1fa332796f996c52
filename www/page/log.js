import { byId, element } from './dom.js';

const time = () => new Date().toLocaleTimeString('en-GB');

/**
 * Adds a line to the page's diary, where screen readers announce it.
 * @param {string} text
 * @param {{ kind?: 'info' | 'good' | 'bad', details?: string[], data?: Record<string, string> }} [options] `data` becomes
 *   data attributes of the line
 */
export function log(text, { kind = 'info', details = [], data = {} } = {}) {
  const what = element('div', {}, element('p', {}, text));
  if (details.length > 0)
    what.append(element('ul', {}, ...details.map((detail) => element('li', {}, detail))));
  const line = element('li', { class: 'log-line' }, element('time', {}, time()), what);
  line.dataset.kind = kind;
  Object.assign(line.dataset, data);
  byId('log-lines').append(line);
  const box = byId('log');
  box.scrollTop = box.scrollHeight;
  byId('log-empty').hidden = true;
}
