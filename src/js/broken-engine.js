/** wasm-bindgen's, where the browser calls what belonged to an instance before. */
const OUTLIVED = 'Cannot invoke closure from previous WASM instance';

/**
 * Looks after an engine that broke off in the middle of its work. What made it do so escapes into the realm, at the latest
 * when the browser calls it the next time. Other errors, the app's for example, do not show whose they are.
 */
export function replaceBrokenEngines(realm) {
  const look = (event, error) => {
    if (error?.message === OUTLIVED) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    // The engine may have called what threw, and be in the middle of something for that reason.
    setTimeout(() => realm.replaceIfBroken());
  };
  addEventListener('error', (event) => look(event, event.error));
  addEventListener('unhandledrejection', (event) => look(event, event.reason));
}
