/**
 * Runs in the page: what of the browser answers there, and in how many ms; for the report of a test whose page stands still.
 */
export async function whatAnswers() {
  const LIMIT = 2_000;
  const questions = {
    server: () => fetch(location.pathname, { method: 'HEAD', cache: 'no-store' }),
    caches: () => caches.keys(),
    locks: () => navigator.locks.query(),
    databases: () => indexedDB.databases(),
    space: () => navigator.storage.estimate(),
    registration: () => navigator.serviceWorker.getRegistration(),
  };
  const answers = Object.entries(questions).map(async ([name, ask]) => {
    const begin = performance.now();
    const late = new Promise((resolve) => setTimeout(resolve, LIMIT, 'no answer'));
    const outcome = ask().then(
      () => `${Math.round(performance.now() - begin)} ms`,
      (error) => String(error),
    );
    return [name, await Promise.race([outcome, late])];
  });
  const { installing, waiting, active } = (await navigator.serviceWorker.getRegistration()) ?? {};
  return {
    ...Object.fromEntries(await Promise.all(answers)),
    workers: [installing, waiting, active].map((worker) => worker?.state ?? null),
    loaded: performance.getEntriesByType('resource').map(({ name, startTime, responseEnd }) => {
      const { pathname, search } = new URL(name);
      return `${pathname}${search} ${Math.round(startTime)}-${Math.round(responseEnd)}`;
    }),
    now: Math.round(performance.now()),
  };
}
