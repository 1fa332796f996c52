/** A plugin for webpack 5 that writes the manifest of a folder. */

import type { BuildManifestOptions } from './manifest.js';

export interface BackgroundFetchManifestPluginOptions extends BuildManifestOptions {
  /** Relative to webpack's `context`. */
  folder: string;
  /**
   * The name of the asset.
   * @defaultValue 'background-fetch-manifest.json'
   */
  out?: string;
}

/** Lists the folder in each compilation, and compiles again when something in it changes. */
export class BackgroundFetchManifestPlugin {
  constructor(options: BackgroundFetchManifestPluginOptions);
  /** By no type of webpack's, so that the declarations need none. */
  apply(compiler: object): void;
}
