/** A plugin for Vite that writes the manifest of a folder. */

import type { BuildManifestOptions } from './manifest.js';

export interface BackgroundFetchManifestOptions extends BuildManifestOptions {
  /** Relative to Vite's `root`. */
  folder: string;
  /**
   * The name of the file, below Vite's `base`.
   * @defaultValue 'background-fetch-manifest.json'
   */
  out?: string;
}

/** What Vite needs to know of it. By no type of Vite's, so that the declarations need none. */
export interface BackgroundFetchManifestVitePlugin {
  name: string;
}

/** Writes the manifest when Vite builds, and lists the folder anew for each request in development. */
export function backgroundFetchManifest(
  options: BackgroundFetchManifestOptions,
): BackgroundFetchManifestVitePlugin;
