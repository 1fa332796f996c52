import { ENGINES, FETCHES, PROGRESS, resultOf, transact, within } from './existing-database.js';

/**
 * What page and worker can find out without the engine: most of them have no background fetch, and start none.
 */

/** Page and worker may be of different builds. */
const ENGINES_KEPT = 3;

/**
 * Whether there may be fetches; true also where the database fails, which the engine reports, but false where the look was
 * given up.
 */
export async function hasFetches() {
  try {
    return await within(async () => {
      const count = await transact([FETCHES], 'readonly', (transaction) =>
        resultOf(transaction.objectStore(FETCHES).count()),
      );
      return count !== undefined && count > 0;
    });
  } catch (error) {
    return error?.name !== 'AbortError';
  }
}

/**
 * The bytes of the engine with this name; undefined where they are not stored, or cannot be read.
 *
 * @param {string} name
 */
export async function storedEngine(name) {
  try {
    return await within(() =>
      transact([ENGINES], 'readonly', (transaction) => resultOf(transaction.objectStore(ENGINES).get(name))),
    ).then((row) => row?.bytes);
  } catch {
    return undefined;
  }
}

/**
 * Whether the engine with this name is not in the database; undefined where there is none.
 *
 * @param {string} name
 */
export async function isEngineMissing(name) {
  return within(async () => {
    const count = await transact([ENGINES], 'readonly', (transaction) =>
      resultOf(transaction.objectStore(ENGINES).count(name)),
    );
    return count === undefined ? undefined : count === 0;
  });
}

/**
 * @param {string} name
 * @param {ArrayBuffer} bytes
 */
export async function storeEngine(name, bytes) {
  await transact([ENGINES, PROGRESS], 'readwrite', async (transaction) => {
    const store = transaction.objectStore(ENGINES);
    store.put({ bytes, storedAt: Date.now() }, name);
    const names = await resultOf(store.getAllKeys());
    if (names.length <= ENGINES_KEPT) return;
    const rows = await resultOf(store.getAll());
    const others = names.map((other, index) => [other, rows[index]?.storedAt ?? 0]);
    others.sort(([, one], [, other]) => other - one);
    const old = others.filter(([other]) => other !== name).slice(ENGINES_KEPT - 1);
    for (const [other] of old) store.delete(other);
  });
}
