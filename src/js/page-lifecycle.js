import { reportFailure } from './realm.js';

/**
 * Runs the engine as long as the page is awake. A page that is left, or that its browser freezes
 * (https://wicg.github.io/page-lifecycle/), holds no lock: others go on, and no lock keeps it out of the back/forward cache.
 */
export function follow(realm, host) {
  const run = (work) => realm.run(work).catch(reportFailure);
  const leave = (mayResume) => {
    // What comes after an await may come too late.
    if (realm.suspend(mayResume)) host.handOver();
  };
  run((engine) => engine.adopt());
  host.knowRegistrations().catch(reportFailure);
  addEventListener('pagehide', ({ persisted }) => leave(persisted));
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) run((engine) => engine.resume());
  });
  document.addEventListener('freeze', () => leave(true));
  document.addEventListener('resume', () => run((engine) => engine.resume()));
}
