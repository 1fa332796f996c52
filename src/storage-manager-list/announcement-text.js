import { failureOf, isRunning } from './set-state.js';

/**
 * What is said of a change of a set, to somebody who does not see it; undefined where that is nothing.
 *
 * @param {import('./set-state.js').SetState} before
 * @param {import('./set-state.js').SetState | undefined} after undefined where the set is gone
 * @param {import('./set-state.js').Texts} texts
 */
export function announcementText(before, after, texts) {
  const { title } = before;
  if (before.isStored && !after?.isStored) return texts.announceRemoved(title);
  if (!after || after.state === before.state) return undefined;
  if (after.state === 'stored') return texts.announceStored(title);
  if (after.state === 'failed') return texts.announceFailure(title, failureOf(after, texts));
  if (after.state === 'paused') return texts.announcePaused(title);
  return isRunning(after) && !isRunning(before) ? texts.announceStart(title) : undefined;
}
