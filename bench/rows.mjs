export const MIB = 1 << 20;

/** @typedef {'chromium' | 'firefox' | 'webkit'} Engine */
/**
 * How one way does the work of a row: a function of ways.js with its options, in a page that has the package, the
 * browser's own API or neither.
 *
 * @typedef {{ way: string, options?: object, page?: 'package' | 'native' | 'plain' }} Way
 */
/**
 * Work that is done in several ways, and what the package's way may take of the time of another.
 *
 * @typedef {object} Row
 * @property {string} title
 * @property {{ count: number, size: number | Record<Engine, number> }} files
 * @property {object} [network] options of the test server's files
 * @property {number} [throttleTotal] bytes per second of all connections together
 * @property {string[]} [engines]
 * @property {Record<string, Way>} ways
 * @property {Record<string, Partial<Record<Engine, number>>>} most by the name of the other way
 * @property {boolean} [isQuick] belongs to the short version
 */

export const parts = (mebibytes, most, as = 'blob') => ({
  way: 'parts',
  options: { length: mebibytes * MIB, most, as },
});
/** @type {Way} */
const PACKAGE = { way: 'backgroundFetch', page: 'package' };
/** @type {Way} */
const NATIVE = { way: 'backgroundFetch', page: 'native' };
export const LARGE = { chromium: 256 * MIB, firefox: 256 * MIB, webkit: 96 * MIB };

/** @type {Record<string, Row>} */
export const ROWS = {
  'one-file': {
    title: 'One large file',
    isQuick: true,
    files: { count: 1, size: LARGE },
    ways: {
      package: PACKAGE,
      'cache.put': { way: 'put' },
      'parts as Blobs, 8 MiB, 3 at a time': parts(8, 3),
      'parts as Blobs, 16 MiB, 6 at a time': parts(16, 6),
      'parts as ArrayBuffers, 8 MiB, 3 at a time': parts(8, 3, 'buffer'),
    },
    most: {
      'cache.put': { firefox: 0.75, webkit: 0.36 },
      'parts as Blobs, 8 MiB, 3 at a time': { chromium: 1.1 },
    },
  },
  'many-files': {
    title: '1,000 files of 10 kB',
    isQuick: true,
    files: { count: 1000, size: 10_000 },
    ways: {
      package: PACKAGE,
      'cache.put': { way: 'putEach' },
      'ArrayBuffers, stored together': { way: 'gather' },
      ...Object.fromEntries(
        [4, 10].map((most) => [
          `ArrayBuffers, stored together, ${most} at a time`,
          { way: 'gather', options: { most } },
        ]),
      ),
      'ArrayBuffers, stored together every 50 ms': { way: 'gather', options: { wait: 50 } },
    },
    most: { 'cache.put': { chromium: 0.95, firefox: 0.75, webkit: 0.95 } },
  },
  'slow-connections': {
    title: '64 MiB, 100 ms round trip, 4 MB/s for each connection',
    files: { count: 1, size: 64 * MIB },
    network: { delay: 100, throttle: 4e6 },
    ways: {
      package: PACKAGE,
      'cache.put': { way: 'put' },
      'parts as Blobs, 4 MiB, 5 at a time': parts(4, 5),
    },
    most: { 'cache.put': { chromium: 0.34, firefox: 0.34, webkit: 0.34 } },
  },
  'slow-line': {
    title: '64 MiB, 8 MB/s for all connections together',
    files: { count: 1, size: 64 * MIB },
    throttleTotal: 8e6,
    ways: { package: PACKAGE, 'cache.put': { way: 'put' } },
    most: { 'cache.put': { chromium: 1.05, firefox: 1.05, webkit: 1.05 } },
  },
  ...Object.fromEntries(
    [10_000, 20_000].map((count) => [
      `${count / 1000}k-files`,
      {
        title: `${count.toLocaleString('en')} files of 10 kB, the time of 1,000 of them`,
        files: { count, size: 10_000 },
        ways: { package: PACKAGE, '1,000 files': { ...PACKAGE, options: { count: 1000 } } },
        most: { '1,000 files': { chromium: 1.15, firefox: 1.15, webkit: 1.15 } },
      },
    ]),
  ),
  ...Object.fromEntries(
    ['sha256', 'sha512'].map((integrity) => [
      integrity,
      {
        title: `One large file with \`integrity\`, ${integrity}`,
        files: { count: 1, size: LARGE },
        ways: { package: { ...PACKAGE, options: { integrity } }, 'without it': PACKAGE },
        most: { 'without it': { chromium: 1.6, firefox: 1.6, webkit: 1.6 } },
      },
    ]),
  ),
  handler: {
    title: 'A handler that puts one large file into the cache, against the same bytes by hand',
    files: { count: 1, size: LARGE },
    ways: {
      package: { ...PACKAGE, way: 'handler' },
      'a Blob of 8 MiB chunks': { way: 'putStored', options: { length: 8 * MIB, as: 'blob' } },
      'pieces of 8 MiB': { way: 'putStored', options: { length: 8 * MIB, as: 'pieces' } },
    },
    most: {
      'a Blob of 8 MiB chunks': { firefox: 1.1, webkit: 1.1 },
      'pieces of 8 MiB': { chromium: 1.1 },
    },
  },
  native: {
    title: "One large file, against Chromium's own API",
    engines: ['chromium'],
    files: { count: 1, size: LARGE },
    ways: { package: PACKAGE, native: NATIVE },
    most: { native: { chromium: 1.5 } },
  },
  'native-copied': {
    title: "One large file, copied into the cache by the handler, against Chromium's own API",
    engines: ['chromium'],
    files: { count: 1, size: LARGE },
    ways: {
      package: { ...PACKAGE, options: { copied: true } },
      native: { ...NATIVE, options: { copied: true } },
    },
    most: { native: { chromium: 1.2 } },
  },
  'native-many': {
    title: "1,000 files of 10 kB, against Chromium's own API",
    engines: ['chromium'],
    files: { count: 1000, size: 10_000 },
    ways: { package: PACKAGE, native: NATIVE },
    most: { native: { chromium: 0.5 } },
  },
};
