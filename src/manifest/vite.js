import { resolve } from 'node:path';
import { ManifestBuilder } from './manifest-builder.js';
import { serializeManifest } from './serialize-manifest.js';

const DEFAULT_OUT = 'background-fetch-manifest.json';

/**
 * @param {import('../types/manifest-vite.js').BackgroundFetchManifestOptions} options
 * @returns {import('vite').Plugin}
 */
export function backgroundFetchManifest({ out = DEFAULT_OUT, ...options }) {
  // What is wrong with them is told where they are written.
  let builder = new ManifestBuilder(options);
  let base = '/';
  const source = async () => serializeManifest(await builder.build());
  return {
    name: 'background-fetch-manifest',
    // Not once more for the server's bundle.
    applyToEnvironment: ({ config }) => config.consumer === 'client',
    configResolved(config) {
      builder = new ManifestBuilder({ ...options, folder: resolve(config.root, options.folder) });
      base = config.base;
    },
    async generateBundle() {
      this.emitFile({ type: 'asset', fileName: out, source: await source() });
    },
    configureServer({ middlewares }) {
      const path = new URL(base + out, 'http://localhost').pathname;
      middlewares.use((request, response, next) => {
        if (new URL(request.url ?? '', 'http://localhost').pathname !== path) next();
        else source().then((text) => answer(response, text), next);
      });
    },
  };
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {string} text
 */
function answer(response, text) {
  response.setHeader('Content-Type', 'application/json');
  response.setHeader('Cache-Control', 'no-cache');
  response.end(text);
}
