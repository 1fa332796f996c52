/**
 * All that the list says, in English. An app replaces any of it; texts-de.js is an example. The language is a BCP 47 tag: numbers and
 * sizes are written in its way.
 *
 * @type {import('../types/storage-manager-list-texts.js').StorageManagerListTexts}
 */
export const TEXTS = {
  language: 'en',
  direction: 'ltr',

  heading: 'Offline library',
  summary: (stored) => `${stored} used`,
  summaryOf: (stored, room) => `${stored} of ${room} used`,
  search: 'Search',
  found: (count, total) => `${count} of ${total}`,
  nothingFound: 'Nothing has such a title.',
  loading: 'Loading…',
  empty: 'There is nothing to store.',
  lastKnown: 'This is how it was last.',
  reload: 'Try again',
  more: 'Show more',

  store: 'Store locally',
  update: 'Update',
  retry: 'Try again',
  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel',
  remove: 'Remove from device',
  question: (title) => `Remove ${title} from this device?`,
  confirm: 'Remove',
  keep: 'Keep',
  pin: 'Always keep',
  /** Of a button, which is read out without what is around it. */
  actionOn: (action, title) => `${action}: ${title}`,

  absent: 'Not on this device',
  starting: 'Starting…',
  fetching: 'Downloading',
  paused: 'Paused',
  stored: 'On this device',
  outdated: 'An update is available',
  earlier: 'The earlier version is on this device',
  notListed: 'No longer offered',
  pinned: 'Always kept',
  files: (count) => (count === 1 ? '1 file' : `${count} files`),
  ofTotal: (done, total) => `${done} of ${total}`,

  /** One sentence for each failure reason. */
  failures: {
    aborted: 'The download was cancelled.',
    'bad-status': 'The server refused a file or does not have it any more.',
    'fetch-error': 'A file did not arrive, or was not the right one.',
    'quota-exceeded': 'There is not enough free space on this device.',
    'download-total-exceeded': 'The files are larger than the app expected.',
  },
  /** What the worker could not do. */
  problems: {
    noWorker: 'Offline storage is not ready on this page. Reload the page.',
    notOffered: 'It is no longer offered.',
    cannotPause: 'Downloads cannot be paused in this browser.',
    unreachable: 'The list cannot be loaded. Check your connection.',
    impossible: 'That did not work.',
  },
  noRoom: (missing, titles) =>
    `There is not enough room: ${missing} is missing.${titles && ` Remove ${titles} to make room.`}`,
  quoted: (title) => `“${title}”`,
  others: (count) => (count === 1 ? '1 other' : `${count} others`),

  /** What a screen reader says. */
  announceStart: (title) => `Download started: ${title}`,
  announcePaused: (title) => `Paused: ${title}`,
  announceStored: (title) => `On this device: ${title}`,
  announceFailure: (title, why) => `Download failed: ${title}. ${why}`,
  announceRemoved: (title) => `Removed from this device: ${title}`,
};
