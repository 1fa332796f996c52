import { isObject } from './web-idl.js';

/** What pages tell service workers. The app's own listeners never see it. */
export const MARK = 'background-fetch-polyfill';

/** The package's, set when it is built (webpack.config.js). */
export const VERSION = PACKAGE_VERSION;

/**
 * Asks a worker whether the polyfill is there, and whether it is to run what a page that goes away has run.
 *
 * @param {number} id
 * @param {boolean} isToRun
 */
export function questionMessage(id, isToRun) {
  return { [MARK]: 'question', id, isToRun };
}

/**
 * The question in a message, undefined for any other.
 *
 * @param {any} data
 * @returns {ReturnType<typeof questionMessage> | undefined}
 */
export function questionIn(data) {
  return isObject(data) && data[MARK] === 'question' ? data : undefined;
}

/**
 * `startedAt` is when this instance of the worker was started, in ms since 1970.
 *
 * @param {ReturnType<typeof questionMessage>} question
 * @param {boolean} notifies whether it wants to be told of progress
 */
export function answerTo({ id }, notifies) {
  return { [MARK]: 'answer', id, version: VERSION, startedAt: performance.timeOrigin, notifies };
}

/**
 * The answer in a message, undefined for any other: an app's worker may answer whatever it is sent.
 *
 * @param {any} data
 * @returns {ReturnType<typeof answerTo> | undefined}
 */
export function answerIn(data) {
  return isObject(data) && data[MARK] === 'answer' ? data : undefined;
}

/** @param {string} uid */
export function deliverMessage(uid) {
  return { [MARK]: 'deliver', uid };
}

/**
 * Tells a worker that notifies of a fetch that it may have come further.
 *
 * @param {string} uid
 */
export function progressMessage(uid) {
  return { [MARK]: 'progress', uid };
}

/** Asks a worker to go on with what no page runs. */
export function runMessage() {
  return { [MARK]: 'run' };
}

/** @param {any} data */
export function asksToRun(data) {
  return isObject(data) && data[MARK] === 'run';
}

/**
 * The uid whose event is to be delivered; undefined for any other message.
 *
 * @param {any} data
 */
export function uidToDeliver(data) {
  return uidIn(data, 'deliver');
}

/**
 * The uid of a fetch that has come further; undefined for any other message.
 *
 * @param {any} data
 */
export function uidInProgress(data) {
  return uidIn(data, 'progress');
}

/**
 * @param {any} data
 * @param {string} kind
 * @returns {string | undefined}
 */
function uidIn(data, kind) {
  const isOurs = isObject(data) && data[MARK] === kind;
  return isOurs && typeof data.uid === 'string' ? data.uid : undefined;
}

/**
 * An entry of the shelf was clicked, which shows this state. With a port, over which the worker asks for windows.
 *
 * @param {string} uid
 * @param {Polyfill.State} state
 */
export function clickMessage(uid, state) {
  return { [MARK]: 'click', uid, state };
}

/**
 * The click in a message; undefined for any other.
 *
 * @param {any} data
 * @returns {ReturnType<typeof clickMessage> | undefined}
 */
export function clickIn(data) {
  const isOurs = isObject(data) && data[MARK] === 'click' && isObject(data.state);
  return isOurs && typeof data.uid === 'string' ? data : undefined;
}
