import { ManifestBuilder } from './manifest-builder.js';

export { serializeManifest } from './serialize-manifest.js';

/**
 * @param {import('../types/manifest.js').BuildManifestOptions} options
 */
export async function buildManifest(options) {
  return new ManifestBuilder(options).build();
}
