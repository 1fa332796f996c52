import { ATTACHMENT } from './names.js';

/**
 * Gives a stored file to the user: in a place that they choose, where the browser has such a dialog, as a download otherwise.
 * The worker answers the download with its length; without, Safari cuts it and reports success.
 *
 * @param {string} endpoint
 * @param {string} url
 * @param {{ name?: string }} [options]
 */
export async function saveStoredFile(endpoint, url, { name = nameOf(url) } = {}) {
  // First of all: it needs the user's activation.
  const { showSaveFilePicker } = /** @type {any} */ (globalThis);
  const handle = await showSaveFilePicker?.({ suggestedName: name });
  if (handle) {
    const response = await fetch(url);
    if (!response.ok || !response.body) throw new DOMException(`${url} cannot be read`, 'NotReadableError');
    await response.body.pipeTo(await handle.createWritable());
    return;
  }
  const address = `${endpoint}${ATTACHMENT}?${new URLSearchParams({ url, name })}`;
  const { ok } = await fetch(address, { method: 'HEAD' });
  if (!ok) throw new DOMException(`${url} is not stored`, 'NotFoundError');
  const link = document.createElement('a');
  link.href = address;
  link.click();
}

/** @param {string} url */
function nameOf(url) {
  const last = new URL(url).pathname.split('/').pop() ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
