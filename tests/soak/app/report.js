/** Tells the server, whose log outlives page and worker; also while the page is left. */
self.report = (what, facts = {}) =>
  fetch(`/report?${new URLSearchParams({ what, ...facts })}`, { keepalive: true });

{
  const where = typeof document === 'undefined' ? 'worker' : 'page';
  /**
   * Firefox stops a script wherever it is when the user goes to another address, and runs the page's other tasks until the
   * next page comes: what escapes then is not the page's.
   */
  const STOPPED = /closure invoked recursively or after being dropped|previous WASM instance/;
  const UNTIL_LEFT = 3000;
  const tell = (what, error) => {
    const message = `${where}: ${error?.stack ? `${error}\n${error.stack}` : error}`.slice(0, 1500);
    // When the network refuses the report of an escape, that must not be one more.
    self.report(what, { message }).catch(() => {});
  };
  const tellOfEscape = (error) => {
    if (where === 'worker' || !STOPPED.test(error)) return tell('escaped', error);
    const stayed = setTimeout(() => tell('escaped', error), UNTIL_LEFT);
    addEventListener('pagehide', () => {
      clearTimeout(stayed);
      tell('stopped', error);
    });
  };
  addEventListener('error', ({ error, message }) => tellOfEscape(error ?? message));
  addEventListener('unhandledrejection', ({ reason }) => tellOfEscape(reason));
  const { error: print } = console;
  console.error = (...words) => {
    tell('complained', words.join(' '));
    print.apply(console, words);
  };
}
