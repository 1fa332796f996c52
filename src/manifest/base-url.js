/** Files' URLs, below the one at which a server has their folder. */

const ANYWHERE = 'http://localhost';

/**
 * A base URL as files' URLs begin with it, with a slash at its end. Throws TypeError for anything but an absolute path or an absolute
 * http(s) URL.
 *
 * @param {unknown} baseUrl
 */
export function toBaseUrl(baseUrl) {
  const url = typeof baseUrl === 'string' ? parse(baseUrl) : undefined;
  const isPath = `${baseUrl}`.startsWith('/');
  // `//host/path` looks like a path, and is the URL of another server.
  if (!url || (isPath && url.origin !== ANYWHERE)) throw wrong(baseUrl);
  if (!/^https?:$/.test(url.protocol) || url.username || url.password) throw wrong(baseUrl);
  if (/[?#]/.test(`${baseUrl}`)) throw wrong(baseUrl);
  const folder = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`;
  return isPath ? folder : `${url.origin}${folder}`;
}

/**
 * The URL of a file that lies below a base URL. Throws TypeError for a name that is no Unicode, which no URL can have.
 *
 * @param {string} base as `toBaseUrl` gives it
 * @param {readonly string[]} segments names of folders, and of the file
 */
export function fileUrl(base, segments) {
  return base + segments.map(encodeSegment).join('/');
}

/**
 * A URL that is relative to a folder, as a URL of the same kind as the base: a path stays a path. What is none
 * stays what it is.
 *
 * @param {string} url
 * @param {string} base as `toBaseUrl` gives it, or below
 */
export function resolveUrl(url, base) {
  const folder = new URL(base, ANYWHERE).href;
  if (!URL.canParse(url, folder)) return url;
  const resolved = new URL(url, folder);
  const isPath = base.startsWith('/') && resolved.origin === ANYWHERE;
  return isPath ? resolved.pathname + resolved.search + resolved.hash : resolved.href;
}

/** @param {string} baseUrl */
function parse(baseUrl) {
  try {
    return baseUrl.startsWith('/') ? new URL(baseUrl, ANYWHERE) : new URL(baseUrl);
  } catch {
    return undefined;
  }
}

/** @param {unknown} baseUrl */
function wrong(baseUrl) {
  return new TypeError(`baseUrl: expected an absolute path or an absolute http(s) URL, not '${baseUrl}'`);
}

/** @param {string} name */
function encodeSegment(name) {
  try {
    return encodeURIComponent(name);
  } catch {
    throw new TypeError(`A name is no Unicode: ${JSON.stringify(name)}`);
  }
}
