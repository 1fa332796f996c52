import { isObject } from './web-idl.js';

/** What pages tell service workers. The app's own listeners never see it. */
const MARK = 'background-fetch-polyfill';

export function deliverMessage(uid) {
  return { [MARK]: 'deliver', uid };
}

/** Asks a worker to go on with what no page runs. */
export function standInMessage() {
  return { [MARK]: 'stand-in' };
}

export function asksToStandIn(data) {
  return isObject(data) && data[MARK] === 'stand-in';
}

/** The uid whose event is to be delivered; undefined for any message that is not the polyfill's. */
export function uidToDeliver(data) {
  const isOurs = isObject(data) && data[MARK] === 'deliver';
  return isOurs && typeof data.uid === 'string' ? data.uid : undefined;
}
