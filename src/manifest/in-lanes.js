/**
 * Does some work for each of many items, a few at a time, and gives what came of it in the order of the items. Rejects as the first work
 * that fails, after the others that are under way; nothing is begun after it.
 *
 * @template T, R
 * @param {readonly T[]} items
 * @param {number} lanes
 * @param {(item: T) => Promise<R>} work
 * @returns {Promise<R[]>}
 */
export async function mapInLanes(items, lanes, work) {
  /** @type {R[]} */
  const results = new Array(items.length);
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const at = next++;
      try {
        results[at] = await work(items[at]);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return results;
}
