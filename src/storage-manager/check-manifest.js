/**
 * What a manifest has to be like before a worker downloads by it: src/manifest/manifest.schema.json, and what a schema cannot say.
 * It comes over the network, so nothing in it is trusted.
 */

/** Far more than a device has room for, and few enough to be held in memory. */
const MOST_FILES = 100_000;

const INTEGRITY = /^sha(256|384|512)-[A-Za-z0-9+/]+={0,2}$/;
const CONTROL = /\p{Cc}/u;
const OF_FILES = /^https?:/;
/** A page shows icons, and runs nothing of them. */
const OF_ICONS = /^(https?|data):/;

/** @typedef {import('../types/manifest.js').Manifest} Manifest */

/**
 * The manifest that a server has sent as text, as `checkManifest` gives it.
 *
 * @param {string} text
 * @param {string | URL} manifestUrl
 */
export function parseManifest(text, manifestUrl) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    fail(manifestUrl, 'the manifest is not JSON');
  }
  return checkManifest(value, manifestUrl);
}

/**
 * The manifest with its known members only, absolute URLs, and the sums of its sizes. Throws TypeError that names the member which
 * is wrong.
 *
 * @param {any} value what came as JSON
 * @param {string | URL} manifestUrl the absolute URL that it came from; files of other origins are refused
 * @returns {Manifest}
 */
export function checkManifest(value, manifestUrl) {
  const { version, sets } = toObject(value, 'the manifest');
  if (version !== 1) fail('version', 'expected 1');
  const base = new URL(manifestUrl);
  /** @type {Map<string, string>} */
  const paths = new Map();
  let count = 0;
  return {
    version,
    sets: toArray(sets, 'sets', (set, path) => {
      count += toObject(set, path).files?.length;
      if (count > MOST_FILES) fail(`${path}.files`, `more than ${MOST_FILES} files in all`);
      const checked = toSet(set, path, base);
      const taken = paths.get(checked.id);
      if (taken) fail(`${path}.id`, `'${checked.id}' is taken by ${taken}`);
      paths.set(checked.id, path);
      return checked;
    }),
  };
}

/**
 * @param {any} set
 * @param {string} path
 * @param {URL} base
 */
function toSet({ id, title = id, icons = [], files }, path, base) {
  if (!toString(id, `${path}.id`)) fail(`${path}.id`, 'expected a string that is not empty');
  const urls = new Set();
  let downloadTotal = 0;
  return {
    id,
    title: toString(title, `${path}.title`),
    icons: toArray(icons, `${path}.icons`, (icon, iconPath) => toIcon(icon, iconPath, base)),
    files: toArray(files, `${path}.files`, (value, filePath) => {
      const file = toFile(value, filePath, base);
      if (urls.size === urls.add(file.url).size) fail(`${filePath}.url`, 'is in the set already');
      downloadTotal += file.size;
      if (!isCount(downloadTotal)) fail(`${filePath}.size`, 'the sum of the sizes is too large');
      return file;
    }),
    downloadTotal: urls.size ? downloadTotal : fail(`${path}.files`, 'expected at least one file'),
  };
}

/**
 * @param {any} icon
 * @param {string} path
 * @param {URL} base
 */
function toIcon(icon, path, base) {
  const { src, sizes, type } = toObject(icon, path);
  return {
    src: toUrl(src, `${path}.src`, base, OF_ICONS).href,
    ...(sizes !== undefined && { sizes: toString(sizes, `${path}.sizes`) }),
    ...(type !== undefined && { type: toString(type, `${path}.type`) }),
  };
}

/**
 * @param {any} file
 * @param {string} path
 * @param {URL} base
 */
function toFile(file, path, base) {
  const { url: address, size, type, integrity } = toObject(file, path);
  const url = toUrl(address, `${path}.url`, base, OF_FILES);
  if (url.origin !== base.origin) fail(`${path}.url`, `expected a URL of ${base.origin}`);
  if (url.username || url.password) fail(`${path}.url`, 'expected no credentials');
  url.hash = '';
  if (typeof size !== 'number') fail(`${path}.size`, 'expected a number');
  if (!isCount(size)) fail(`${path}.size`, 'expected a whole number of bytes');
  if (CONTROL.test(toString(type, `${path}.type`))) fail(`${path}.type`, 'expected no control characters');
  if (integrity === undefined) return { url: url.href, size, type };
  if (!INTEGRITY.test(toString(integrity, `${path}.integrity`)))
    fail(`${path}.integrity`, 'expected integrity metadata');
  return { url: url.href, size, type, integrity };
}

/**
 * @param {any} value
 * @param {string} path
 * @param {URL} base
 * @param {RegExp} allowed
 */
function toUrl(value, path, base, allowed) {
  toString(value, path);
  try {
    const url = new URL(value, base);
    if (allowed.test(url.href)) return url;
  } catch {
    // As is told below.
  }
  return fail(path, 'expected a URL');
}

/**
 * @param {any} value
 * @param {string} path
 */
function toObject(value, path) {
  return value && typeof value === 'object' && !Array.isArray(value)
    ? value
    : fail(path, 'expected an object');
}

/**
 * @template T
 * @param {unknown} value
 * @param {string} path
 * @param {(item: any, path: string) => T} convert
 */
function toArray(value, path, convert) {
  if (!Array.isArray(value)) fail(path, 'expected an array');
  return value.map((item, at) => convert(item, `${path}[${at}]`));
}

/**
 * @param {unknown} value
 * @param {string} path
 */
function toString(value, path) {
  return typeof value === 'string' ? value : fail(path, 'expected a string');
}

/** @param {any} value */
function isCount(value) {
  return Number.isSafeInteger(value) && value >= 0;
}

/**
 * @param {string | URL} path
 * @param {string} what
 * @returns {never}
 */
function fail(path, what) {
  throw new TypeError(`${path}: ${what}`);
}
