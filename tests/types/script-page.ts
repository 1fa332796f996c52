// No import: the page's <script> has loaded the polyfill, tsconfig.json names it in "types".
self.backgroundFetchPolyfill = { force: true };
navigator.serviceWorker.ready.then(async ({ backgroundFetch }) => {
  const registration = await backgroundFetch.fetch('film', ['/film'], { downloadTotal: 8e6 });
  registration.onprogress = () => console.log(registration.downloaded);
  // @ts-expect-error: it is read-only
  registration.downloaded = 0;
  const paused: boolean | undefined = await self.backgroundFetchPolyfill?.pause?.(registration);
  const { isPaused, isWaitingForNetwork } = self.backgroundFetchPolyfill ?? {};
  console.log(paused, isPaused?.(registration), isWaitingForNetwork?.(registration));
});
