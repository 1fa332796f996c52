/** What pages tell service workers. The app's own listeners never see it. */
const MARK = 'background-fetch-polyfill';

export function deliverMessage(uid) {
  return { [MARK]: 'deliver', uid };
}

/** The uid whose event is to be delivered; undefined for any message that is not the polyfill's. */
export function uidToDeliver(data) {
  const isOurs = typeof data === 'object' && data !== null && data[MARK] === 'deliver';
  return isOurs && typeof data.uid === 'string' ? data.uid : undefined;
}
