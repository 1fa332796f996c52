/** Tells the server, whose log outlives page and worker; also while the page is left. */
self.report = (what, facts = {}) =>
  fetch(`/report?${new URLSearchParams({ what, ...facts })}`, { keepalive: true });

{
  const where = typeof document === 'undefined' ? 'worker' : 'page';
  const tell = (what, error) => {
    const message = `${where}: ${error?.stack ? `${error}\n${error.stack}` : error}`.slice(0, 1500);
    // When the network refuses the report of an escape, that must not be one more.
    report(what, { message }).catch(() => {});
  };
  addEventListener('error', ({ error, message }) => tell('escaped', error ?? message));
  addEventListener('unhandledrejection', ({ reason }) => tell('escaped', reason));
  const { error: print } = console;
  console.error = (...words) => {
    tell('complained', words.join(' '));
    print.apply(console, words);
  };
}
