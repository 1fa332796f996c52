/**
 * Resolves to the bytes that the origin may still store; to undefined where the browser does not tell: WebKitGTK has no
 * `navigator.storage` (https://bugs.webkit.org/show_bug.cgi?id=320809).
 */
export async function availableStorage() {
  if (!navigator.storage?.estimate) return undefined;
  const { quota, usage } = await navigator.storage.estimate();
  return quota === undefined || usage === undefined ? undefined : quota - usage;
}
