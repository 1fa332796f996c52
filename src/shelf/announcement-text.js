import { announcementOf } from './announcements.js';
import { formatPercent } from './format.js';

/**
 * What is said of a change; undefined where that is nothing.
 *
 * @param {import('./entry.js').Entry | undefined} before
 * @param {import('./entry.js').Entry} after
 * @param {typeof import('./texts.js').TEXTS} texts
 */
export function announcementText(before, after, texts) {
  const announcement = announcementOf(before, after);
  return announcement && textOf(announcement, after, texts);
}

/**
 * @param {import('./announcements.js').Announcement} announcement
 * @param {import('./entry.js').Entry} entry
 * @param {typeof import('./texts.js').TEXTS} texts
 */
function textOf(announcement, { title, failureReason }, texts) {
  switch (announcement.kind) {
    case 'start':
      return texts.announceStart(title);
    case 'pause':
      return texts.announcePaused(title);
    case 'share':
      return texts.announceShare(title, formatPercent(texts.language, announcement.share));
    case 'success':
      return texts.announceSuccess(title);
    case 'failure':
      return texts.announceFailure(title, texts.failures[failureReason || 'fetch-error']);
  }
}
