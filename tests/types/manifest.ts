import {
  buildManifest,
  serializeManifest,
  type BuildManifestOptions,
  type Manifest,
  type ManifestFile,
  type ManifestIcon,
  type ManifestSet,
  type ManifestSetDescription,
} from 'background-fetch-polyfill/manifest';
import {
  backgroundFetchManifest,
  type BackgroundFetchManifestOptions,
} from 'background-fetch-polyfill/manifest/vite';
import {
  BackgroundFetchManifestPlugin,
  type BackgroundFetchManifestPluginOptions,
} from 'background-fetch-polyfill/manifest/webpack';

/** Neither the types of Node nor those of a browser are needed. */
declare function use(...values: unknown[]): void;

const options: BuildManifestOptions = {
  folder: 'public/media',
  baseUrl: '/media/',
  groupBy: 'file',
  include: ['**/*.mp4'] as const,
  exclude: [],
  cacheFile: 'hashes.json',
  leaveOut: ['manifest.json'],
  describe: (set) => ({ title: set.title.toUpperCase(), files: set.files.slice(1) }),
};
const manifest: Manifest = await buildManifest(options);
const text: string = serializeManifest(manifest);
const set: ManifestSet | undefined = manifest.sets[0];
const file: ManifestFile | undefined = set?.files[0];
const icon: ManifestIcon | undefined = set?.icons[0];
const version: 1 = manifest.version;
const integrity: string | undefined = file?.integrity;
const told: [number | undefined, string | undefined] = [file?.size, icon?.sizes];
use(text, version, integrity, told);

await buildManifest({ folder: 'a', describe() {} });
await buildManifest({ folder: 'a', describe: async ({ id }) => (id === 'a' ? { id: 'b' } : undefined) });

const forVite: BackgroundFetchManifestOptions = { ...options, out: 'list.json' };
const forWebpack: BackgroundFetchManifestPluginOptions = forVite;
// As the tools declare what they take.
const vitePlugins: { name: string; enforce?: 'pre' | 'post' }[] = [backgroundFetchManifest(forVite)];
const webpackPlugins: { apply: (compiler: { context: string }) => void; [name: string]: any }[] = [
  new BackgroundFetchManifestPlugin(forWebpack),
];
use(vitePlugins, webpackPlugins);

const described: ManifestSetDescription = { icons: [{ src: 'a.png' }] };
use(described);

// @ts-expect-error: a folder is missing
await buildManifest({});
// @ts-expect-error: there is no such option
await buildManifest({ folder: 'a', out: 'list.json' });
// @ts-expect-error: there is no such grouping
await buildManifest({ folder: 'a', groupBy: 'set' });
// @ts-expect-error: globs are several
await buildManifest({ folder: 'a', include: '*' });
// @ts-expect-error: titles are strings
await buildManifest({ folder: 'a', describe: () => ({ title: 5 }) });
// @ts-expect-error: there is no such member
await buildManifest({ folder: 'a', describe: () => ({ name: 'A' }) });
// @ts-expect-error: that is a promise
serializeManifest(buildManifest({ folder: 'a' }));
// @ts-expect-error: a folder is missing
backgroundFetchManifest({ out: 'list.json' });
// @ts-expect-error: options are missing
new BackgroundFetchManifestPlugin();
