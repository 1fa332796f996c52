import { byId, element } from './dom.js';

const time = () => new Date().toLocaleTimeString('en-GB');

/**
 * Adds a line to the page's diary, where screen readers announce it.
 * @param {string} text
 * @param {{ kind?: 'info' | 'good' | 'bad', details?: string[], data?: Record<string, string> }} [options] `data` becomes
 *   data attributes of the line
 */
export function log(text, { kind = 'info', details = [], data = {} } = {}) {
  const line = element('li', { class: 'log-line' }, element('time', {}, time()), element('span', {}, text));
  if (details.length > 0)
    line.append(element('ul', {}, ...details.map((detail) => element('li', {}, detail))));
  line.dataset.kind = kind;
  Object.assign(line.dataset, data);
  const list = byId('log');
  list.append(line);
  list.scrollTop = list.scrollHeight;
  byId('log-empty').hidden = true;
}
