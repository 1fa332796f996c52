/**
 * Which sets have to go so that so many bytes become free: those that were not used for the longest time first, and none that
 * is pinned. `isEnough` is false where all of them are not enough.
 *
 * @param {{ id: string, size: number, usedAt: number, isPinned: boolean }[]} sets
 * @param {number} bytes
 * @returns {{ ids: string[], isEnough: boolean }}
 */
export function setsToEvict(sets, bytes) {
  const candidates = sets.filter(({ isPinned, size }) => !isPinned && size > 0);
  candidates.sort((one, other) => one.usedAt - other.usedAt);
  const ids = [];
  let freed = 0;
  for (const { id, size } of candidates) {
    if (freed >= bytes) break;
    ids.push(id);
    freed += size;
  }
  return { ids, isEnough: freed >= bytes };
}

/**
 * How many bytes may be stored in all; Infinity where nobody says.
 *
 * @param {{ maxBytes?: number, maxQuotaShare?: number }} budget
 * @param {number | undefined} quota
 */
export function limitOf({ maxBytes = Infinity, maxQuotaShare = 1 }, quota) {
  return Math.min(maxBytes, quota === undefined ? Infinity : maxQuotaShare * quota);
}
