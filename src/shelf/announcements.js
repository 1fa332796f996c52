import { shareOf, stateOf } from './entry.js';

/** A screen reader tells how much is there when another of these shares is reached. */
const SHARES = [0.25, 0.5, 0.75];

/**
 * What has become of an entry, for somebody who does not see it: its beginning, each quarter, its pauses and its end.
 *
 * @typedef {{ kind: 'start' | 'pause' | 'success' | 'failure' } | { kind: 'share', share: number }} Announcement
 */

/**
 * `before` is undefined for an entry that is new to the shelf. One that was there when the shelf was opened is not announced.
 *
 * @param {import('./entry.js').Entry | undefined} before
 * @param {import('./entry.js').Entry} after
 * @returns {Announcement | undefined} one at most: the last is the one that counts
 */
export function announcementOf(before, after) {
  const state = stateOf(after);
  if (!before) return state === 'success' || state === 'failure' ? { kind: state } : { kind: 'start' };
  const stateBefore = stateOf(before);
  if (state !== stateBefore) {
    if (state === 'success' || state === 'failure') return { kind: state };
    if (state === 'paused') return { kind: 'pause' };
  }
  if (after.result !== '') return undefined;
  const [then, now] = [shareOf(before) ?? 0, shareOf(after) ?? 0];
  const [share] = SHARES.filter((each) => then < each && now >= each).slice(-1);
  return share === undefined ? undefined : { kind: 'share', share };
}
