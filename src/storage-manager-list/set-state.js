import { formatPercent, formatSize } from '../shelf/format.js';

/**
 * @typedef {import('../types/storage-manager.js').SetState} SetState
 * @typedef {import('../types/storage-manager-list-texts.js').StorageManagerListTexts} Texts
 * @typedef {'store' | 'update' | 'retry' | 'pause' | 'resume' | 'cancel' | 'remove' | 'confirm' | 'keep' | 'pin'} Action
 */

/**
 * What can be done to a set, the main action first.
 *
 * @param {SetState} set
 * @param {boolean} canPause
 * @returns {Action[]}
 */
export function actionsOf({ state, isStored, isListed }, canPause) {
  if (state === 'paused') return ['resume', 'cancel'];
  if (state === 'fetching') return canPause ? ['pause', 'cancel'] : ['cancel'];
  /** @type {Action[]} */
  const ofStored = isStored ? ['remove', 'pin'] : [];
  if (state === 'stored' || !isListed) return ofStored;
  return [FETCHES[state], ...ofStored];
}

/** @type {Record<'absent' | 'outdated' | 'failed', Action>} */
const FETCHES = { absent: 'store', outdated: 'update', failed: 'retry' };

/** @param {SetState} set */
export function isRunning({ state }) {
  return state === 'fetching' || state === 'paused';
}

/**
 * From 0 to 1.
 *
 * @param {SetState} set
 */
export function shareOf({ downloaded = 0, downloadTotal = 0 }) {
  return downloadTotal > 0 ? Math.min(1, downloaded / downloadTotal) : 0;
}

/**
 * How much there is of it.
 *
 * @param {SetState} set
 * @param {Texts} texts
 */
export function amountOf(set, texts) {
  const { language } = texts;
  if (!isRunning(set)) return `${formatSize(language, set.size)} · ${texts.files(set.fileCount)}`;
  const [done, total] = [set.downloaded, set.downloadTotal].map((size) => formatSize(language, size ?? 0));
  return `${texts.ofTotal(done, total)} · ${formatPercent(language, shareOf(set))}`;
}

/**
 * What it is at.
 *
 * @param {SetState} set
 * @param {Texts} texts
 */
export function wordsOf(set, texts) {
  const { state, isStored, isListed, isPinned, downloaded } = set;
  if (state === 'fetching' && !downloaded) return texts.starting;
  if (state === 'fetching' || state === 'paused') return texts[state];
  const told = state === 'failed' ? [failureOf(set, texts)] : [texts[state]];
  if (state === 'failed' && isStored) told.push(texts.earlier);
  if (!isListed) told.push(texts.notListed);
  if (isPinned && isStored) told.push(texts.pinned);
  return told.join(' · ');
}

/**
 * @param {SetState} set
 * @param {Texts} texts
 */
export function failureOf({ failureReason }, texts) {
  return texts.failures[failureReason || 'fetch-error'];
}
