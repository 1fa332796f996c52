import { isObject, toDictionary } from './web-idl.js';

/** The API's dictionaries and unions, converted from what a caller gives, in the order of Web IDL. */

/**
 * BackgroundFetchOptions (https://wicg.github.io/background-fetch/#dictdef-backgroundfetchoptions).
 *
 * @param {unknown} value
 * @returns {Polyfill.FetchOptions}
 */
export function toBackgroundFetchOptions(value) {
  const options = toDictionary(value, 'options');
  const ui = toUIMembers(options);
  const { downloadTotal } = options;
  return { ...ui, downloadTotal: downloadTotal === undefined ? 0 : toUnsignedLongLong(downloadTotal) };
}

/**
 * BackgroundFetchUIOptions (https://wicg.github.io/background-fetch/#dictdef-backgroundfetchuioptions).
 *
 * @param {unknown} value
 */
export function toBackgroundFetchUIOptions(value) {
  return toUIMembers(toDictionary(value, 'options'));
}

/** @param {Record<string, any>} options */
function toUIMembers(options) {
  const { icons } = options;
  /** @type {Omit<Polyfill.FetchOptions, 'downloadTotal'>} */
  const converted = {};
  if (icons !== undefined) converted.icons = toIcons(icons);
  const { title } = options;
  if (title !== undefined) converted.title = `${title}`;
  return converted;
}

/** @param {unknown} value */
function toIcons(value) {
  const iterate = iteratorMethod(value);
  if (!iterate) throw new TypeError('icons is not iterable.');
  return toSequence(value, iterate, toImageResource);
}

/**
 * ImageResource (https://w3c.github.io/image-resource/#dom-imageresource).
 *
 * @param {unknown} value
 *
 * @returns {BackgroundFetchImageResource}
 */
function toImageResource(value) {
  const icon = toDictionary(value, 'An icon');
  /** @type {any} */
  const converted = {};
  for (const name of ['label', 'sizes', 'src', 'type']) {
    const member = icon[name];
    if (member !== undefined) converted[name] = `${member}`;
    else if (name === 'src') throw new TypeError('An icon needs the member src.');
  }
  // Pages of other addresses show it.
  return { ...converted, src: toAbsolute(converted.src) };
}

/**
 * A relative address means what it means now: an app of one page changes its own later.
 *
 * @param {string | URL} address
 */
export function toAbsolute(address) {
  try {
    return new URL(address, globalThis.document?.baseURI ?? location.href).href;
  } catch {
    return `${address}`;
  }
}

/**
 * CacheQueryOptions (https://w3c.github.io/ServiceWorker/#dictdef-cachequeryoptions).
 *
 * @param {unknown} value
 */
export function toCacheQueryOptions(value) {
  const options = toDictionary(value, 'options');
  const { ignoreMethod, ignoreSearch, ignoreVary } = options;
  return { ignoreMethod: !!ignoreMethod, ignoreSearch: !!ignoreSearch, ignoreVary: !!ignoreVary };
}

/**
 * (RequestInfo or sequence<RequestInfo>) as an array of Requests and strings.
 *
 * @param {unknown} value
 */
export function toRequestInfos(value) {
  const iterate = isRequest(value) ? undefined : iteratorMethod(value);
  return iterate ? toSequence(value, iterate, toRequestInfo) : [toRequestInfo(value)];
}

/**
 * @param {any} value
 * @returns {Request | string}
 */
export function toRequestInfo(value) {
  return isRequest(value) ? value : `${value}`;
}

/**
 * Also for Requests of other realms, which `instanceof` does not know.
 *
 * @param {unknown} value
 */
function isRequest(value) {
  try {
    Reflect.get(Request.prototype, 'url', value);
    return true;
  } catch {
    return false;
  }
}

/**
 * What makes an object's iterator; undefined for what is not iterable.
 *
 * @param {any} value
 * @returns {Function | undefined}
 */
function iteratorMethod(value) {
  const method = isObject(value) ? (value[Symbol.iterator] ?? undefined) : undefined;
  if (method !== undefined && typeof method !== 'function')
    throw new TypeError('@@iterator is not a function.');
  return method;
}

/**
 * https://webidl.spec.whatwg.org/#create-sequence-from-iterable. Unlike for...of it never closes the iterator.
 *
 * @template T
 * @param {any} iterable
 * @param {Function} iterate
 * @param {(value: unknown) => T} convert
 */
function toSequence(iterable, iterate, convert) {
  const iterator = requireObject(Reflect.apply(iterate, iterable, []));
  const { next } = iterator;
  /** @type {T[]} */
  const items = [];
  for (;;) {
    const step = requireObject(Reflect.apply(next, iterator, []));
    if (step.done) return items;
    items.push(convert(step.value));
  }
}

/** @param {any} value */
function requireObject(value) {
  if (!isObject(value)) throw new TypeError('An iterator gives something that is not an object.');
  return value;
}

/**
 * Modulo 2^64, as `unsigned long long` without [EnforceRange] is. Unlike Number(), `+` refuses BigInts.
 *
 * @param {any} value
 */
function toUnsignedLongLong(value) {
  const number = Math.trunc(+value);
  if (!Number.isFinite(number)) return 0;
  return Number(BigInt.asUintN(64, BigInt(number)));
}

/**
 * Ids are any UTF-16, the engine's strings are Unicode: lone surrogates are written out, so that no two ids become
 * one.
 *
 * @param {string} id
 */
export function encodeId(id) {
  return id.replace(
    /[\p{Surrogate}\uFFFD]/gu,
    (unit) => `\uFFFD${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** @param {string} id */
export function decodeId(id) {
  return id.replace(/\uFFFD([0-9a-f]{4})/g, (_, code) => String.fromCharCode(parseInt(code, 16)));
}
