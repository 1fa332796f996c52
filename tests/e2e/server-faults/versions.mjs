import { cutWhenSeen, FETCH_ERROR, from, inEachOrigin, OVERLAP, SIZE, TWO } from './answers.mjs';

const HALF = SIZE / 2;
const begin = cutWhenSeen(HALF);
const [MONDAY, TUESDAY] = ['Mon, 05 Jan 2026 00:00:00 GMT', 'Tue, 06 Jan 2026 00:00:00 GMT'];
const dated = (lastModified) => ({ etag: null, lastModified });

const second = { response: { seed: 'two' } };
const anew = { ...second, ranges: [null, from(HALF)], sent: HALF + SIZE };
const afterRefusal = { ...second, ranges: [null, from(HALF), null] };
const afterRefusalElsewhere = { ...second, ranges: [null, from(HALF - OVERLAP), null] };
const withoutRange = { ranges: [null, null], sent: HALF + SIZE };

/** Bytes of the first version are never put together with those of the second. */
export const VERSIONS = [
  ...inEachOrigin(() => ({ name: 'another ETag', answers: [begin, TWO], expect: anew }), {
    // There it asks with the date alone, which is the same: the answer is another file's.
    exposed: { expect: afterRefusalElsewhere },
    hidden: { file: { lastModified: null }, expect: { ...second, ranges: [null, null] } },
  }),
  ...inEachOrigin(
    () => ({
      name: 'another date',
      file: dated(MONDAY),
      answers: [begin, { ...TWO, ...dated(TUESDAY) }],
      expect: anew,
    }),
    { exposed: { expect: afterRefusalElsewhere }, hidden: { expect: afterRefusalElsewhere } },
  ),
  {
    name: 'another ETag, of a server that takes one for the other',
    answers: [begin, { ...TWO, ignoreIfRange: true }, TWO],
    expect: afterRefusal,
  },
  {
    name: 'another date, with the ETag of the first',
    file: { lastModified: MONDAY },
    answers: [begin, { ...TWO, etag: '"one"', lastModified: TUESDAY }, TWO],
    expect: afterRefusal,
  },
  {
    name: 'no ETag any more',
    answers: [begin, { ...TWO, etag: null, ignoreIfRange: true }, TWO],
    expect: afterRefusal,
  },
  {
    name: 'another length, with the ETag of the first',
    answers: [begin, { seed: 'two', size: SIZE + 1 }],
    expect: { response: { seed: 'two', size: SIZE + 1 }, ranges: [null, from(HALF), null] },
  },
  {
    name: 'an ETag that became weak',
    answers: [begin, { ...TWO, etag: 'W/"one"', ignoreIfRange: true }, TWO],
    expect: afterRefusal,
  },
  ...inEachOrigin(() => ({
    name: 'a weak ETag only',
    file: { etag: 'W/"one"', lastModified: null },
    answers: [begin, {}],
    expect: withoutRange,
  })),
  {
    name: 'a weak ETag and a date',
    file: { etag: 'W/"one"' },
    answers: [begin, {}],
    expect: { ranges: [null, from(HALF)], sent: SIZE },
  },
  {
    name: 'a weak ETag that changes, and a date that does not',
    file: { etag: 'W/"one"' },
    answers: [begin, { ...TWO, etag: 'W/"two"' }],
    expect: afterRefusal,
  },
  ...['unquoted', '"', '""x', ''].map((etag) => ({
    name: `the ETag ${etag} only`,
    file: { etag, lastModified: null },
    answers: [begin, {}],
    expect: withoutRange,
  })),
  ...inEachOrigin(() => ({
    name: 'no validators',
    file: { etag: null, lastModified: null },
    answers: [begin, {}],
    expect: withoutRange,
  })),
  {
    name: 'no validators, and another version',
    file: { etag: null, lastModified: null },
    answers: [begin, { seed: 'two' }],
    expect: { ...second, ranges: [null, null] },
  },
  ...inEachOrigin(
    () => ({
      name: 'another version of a file that the cache may keep, of a server that takes one for the other',
      file: { headers: { 'Cache-Control': 'max-age=600' }, lastModified: null },
      // Firefox goes on by itself with what its cache has.
      answers: [begin, { ...TWO, ignoreIfRange: true }],
      expect: { ...second, requests: 2 },
    }),
    {
      own: { expect: { ...second, requests: 3 } },
      exposed: { expect: { ...second, requests: 3 } },
    },
  ),
  {
    name: 'a new version with each request, the third of which comes whole',
    answers: [begin, { ...TWO, cutAfter: HALF, throttle: 10 * SIZE }, { seed: 'three', etag: '"three"' }],
    expect: { response: { seed: 'three' }, requests: 3 },
  },
  {
    name: 'a new version with each request, for ever',
    answers: [begin, () => ({ etag: `"${Math.random()}"`, cutAfter: HALF - 1, throttle: 10 * SIZE })],
    expect: { ...FETCH_ERROR, requests: 4 },
  },
];
