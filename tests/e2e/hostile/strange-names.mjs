export const LONG = 10_000;

/** Whatever may be an id, or part of an address, a header or a title, and has broken something somewhere. */
export const STRANGE = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '0',
  '-0',
  'null',
  'undefined',
  ' ',
  '\t\n',
  '\0',
  'a\0b',
  '\u{1F600}',
  'e\u0301',
  '\u00E9',
  '\u202Etxt.exe',
  '\uFEFF',
  '\uFFFF',
  // How lone surrogates are stored must not make two ids one.
  '\uD800',
  '\uDC00',
  '\uDC00\uD800',
  'a\uDBFFb',
  '\uFFFD',
  '\uFFFDd800',
  '\uFFFDfffd',
  '"',
  "'; DROP TABLE fetches; --",
  // eslint-disable-next-line no-template-curly-in-string -- It is the string that is wanted.
  '`${1}`',
  '\\',
  '<script>window.isBroken = true</script>',
  '"><img src=x onerror="window.isBroken = true">',
  '../../etc/passwd',
  '%00%2F%',
  '[object Object]',
  'x'.repeat(LONG),
  '\u{1F600}'.repeat(LONG / 2),
];

/** Field names are tokens, values are of Latin-1, without controls and white space around them. */
export const HEADERS = [
  ['__proto__', 'constructor'],
  ['constructor', '__proto__'],
  ['toString', ''],
  ["x-!#$%&'*+.^_`|~", `"'<script>\\`],
  ['x-latin', 'caf\u00E9 \u00FF'],
  ['x-twice', 'one'],
  ['x-twice', 'two, "three'],
  ['x-long', 'y'.repeat(LONG)],
];

const queryOf = (text) =>
  encodeURIComponent(text.toWellFormed?.() ?? text.replace(/\p{Surrogate}/gu, '\uFFFD'));

/** Addresses on this server, as a page may write them. */
export const ADDRESSES = [
  '/strange',
  '/strange?',
  '/strange#',
  '/strange?#',
  '/strange??a=b&a=b&&=#?#',
  '/strange#background-fetch-polyfill',
  '/strange#x#background-fetch-polyfill',
  '/strange?__proto__=1&constructor=2#toString',
  '/strange?"\'<>`{}|\\^ \u00E9\u{1F600}',
  '/strange#"\'<>`{}|\\^ \u00E9\u{1F600}',
  '/strange?%00%0A%FF%',
  '/.//strange',
  '/strange//',
  '/__proto__/constructor',
  '/strange/%2F%5C%00%zz',
  "/strange/\u00E9/\u{1F600}/;a=b/~!$&'()*+,=:@",
  `/strange?${'z'.repeat(LONG)}`,
  ...STRANGE.filter((text) => text.length < 100).map((text) => `/strange?${queryOf(text)}`),
];
