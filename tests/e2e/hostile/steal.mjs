/**
 * Runs in a page: takes a lock of the polyfill's away from whoever has it, `times` times, and holds it at last until
 * `window.giveBack()` is called.
 */
export async function stealLock(name, times) {
  for (let count = 0; count < times; count += 1) {
    await new Promise((resolve) => {
      const stolen = navigator.locks.request(name, { steal: true }, () => {
        resolve();
        return new Promise((giveBack) => (window.giveBack = giveBack));
      });
      // It is stolen from this page in turn.
      stolen.catch(() => {});
    });
  }
}
