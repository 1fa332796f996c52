/**
 * @param {import('../types/manifest.js').Manifest} manifest
 */
export function serializeManifest(manifest) {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
