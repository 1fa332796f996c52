/** A manifest of what can be downloaded for offline use, and how one is made from a folder. For Node. */

/** What `background-fetch-polyfill/manifest.schema.json` describes. */
export interface Manifest {
  version: 1;
  /** Sorted by their ids. */
  sets: ManifestSet[];
}

/** Files that are downloaded together. */
export interface ManifestSet {
  /** Not empty, and no other set's. */
  id: string;
  title: string;
  icons: ManifestIcon[];
  /** The sum of the sizes, in bytes. */
  downloadTotal: number;
  /** Sorted by their URLs. At least one. */
  files: ManifestFile[];
}

export interface ManifestIcon {
  /** A URL, relative to that of the manifest. */
  src: string;
  sizes?: string;
  type?: string;
}

export interface ManifestFile {
  /** A URL of the manifest's origin, relative to that of the manifest. */
  url: string;
  /** Bytes. */
  size: number;
  /** The media type, or `application/octet-stream` where the file's name tells none. */
  type: string;
  /** `sha256-` and the hash in base64, as in Subresource Integrity. */
  integrity?: string;
}

/** What can be said of a set otherwise than by its folder. What is not given stays as it is. */
export interface ManifestSetDescription {
  id?: string;
  title?: string;
  icons?: ManifestIcon[];
  /** Instead of the set's own files. */
  files?: ManifestFile[];
}

export interface BuildManifestOptions {
  /** A folder as the server has it. Paths are relative to the working directory. */
  folder: string;
  /**
   * Where the server has the folder: an absolute path such as `/media/`, or an absolute http(s) URL.
   * @defaultValue '/'
   */
  baseUrl?: string;
  /**
   * `folder`: a set for each folder at the top level, with all that lies in it, and one with the id `.` for the files beside these
   * folders. `file`: a set for each file, whose id is its path.
   * @defaultValue 'folder'
   */
  groupBy?: 'folder' | 'file';
  /** Globs of paths below the folder, with `/` between names. Without any, all files are listed. */
  include?: readonly string[];
  /** Globs as in `include`. A folder that matches is left out with all that is in it. */
  exclude?: readonly string[];
  /**
   * A file to remember hashes in. A file whose size and time of modification are as they were is not read again.
   */
  cacheFile?: string;
  /** Paths of files that are not listed, whatever `include` says: the one that the manifest is written to. */
  leaveOut?: readonly string[];
  /** Is asked for each set, one after the other, when its files are known. */
  describe?: (
    set: ManifestSet,
  ) => ManifestSetDescription | undefined | void | PromiseLike<ManifestSetDescription | undefined | void>;
}

/**
 * Lists the files of a folder. The same files give the same manifest, whatever the order and the times of their making.
 *
 * Dot files, what is in dot folders, and what is no regular file are left out. Symbolic links are followed within the folder.
 *
 * Rejects with TypeError for options that are wrong; with Error, which names the file or the set, for links that lead out of the
 * folder, for files that change meanwhile, for wrong `set.json` files and for sets with the same id.
 */
export function buildManifest(options: BuildManifestOptions): Promise<Manifest>;

/** The manifest as text: the bytes that every tool here writes. */
export function serializeManifest(manifest: Manifest): string;
