/**
 * All that the shelf says, in English. An app replaces any of it; texts-de.js and texts-ar.js are examples. The language is a BCP 47
 * tag: numbers, sizes and times are written in its way.
 *
 * @type {import('../types/shelf-texts.js').ShelfTexts}
 */
export const TEXTS = {
  language: 'en',
  direction: 'ltr',

  shelf: 'Downloads',
  running: (count) => (count === 1 ? '1 download is running' : `${count} downloads are running`),
  minimize: 'Minimize downloads',
  restore: 'Show downloads',
  clear: 'Clear finished',

  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel',
  undo: 'Undo',
  retry: 'Try again',
  dismiss: 'Dismiss',
  files: (count) => `${count} files`,
  more: 'Show more',
  impossible: 'That did not work.',
  /**
   * Of a button, which is read out without what is around it.
   */
  actionOn: (action, title) => `${action}: ${title}`,

  starting: 'Starting…',
  downloading: 'Downloading',
  uploading: 'Uploading',
  resuming: 'Resuming…',
  paused: 'Paused',
  waiting: 'Waiting for the network',
  verifying: 'Checking the files…',
  handing: 'Handing over to the app…',
  cancelling: 'Cancelled',
  success: 'Done',
  failure: 'Failed',

  /** One sentence for each failure reason. */
  failures: {
    aborted: 'It was cancelled.',
    'bad-status': 'The server refused a file or does not have it any more.',
    'fetch-error': 'A file did not arrive, or was not the right one.',
    'quota-exceeded': 'There is not enough free space on this device.',
    'download-total-exceeded': 'The files are larger than the app expected.',
  },

  ofTotal: (done, total) => `${done} of ${total}`,
  perSecond: (size) => `${size}/s`,
  timeLeft: (time) => `${time} left`,

  onlyWhileOpen: 'Downloads go on while a page of this site is open.',
  storage: (used, free) => `${used} used, ${free} free`,
  persist: 'Keep downloads when space runs low',

  /** What a screen reader says. */
  announceStart: (title) => `Download started: ${title}`,
  announceShare: (title, percent) => `${title}: ${percent}`,
  announceSuccess: (title) => `Download finished: ${title}`,
  announceFailure: (title, why) => `Download failed: ${title}. ${why}`,
  announcePaused: (title) => `Paused: ${title}`,
};
