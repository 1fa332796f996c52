import { bytesOf, cutWhenSeen, FETCH_ERROR, from, inEachOrigin, OVERLAP, SIZE, TWO } from './answers.mjs';

const HALF = SIZE / 2;
const begin = cutWhenSeen(HALF);

/** Answers to ranges are not to be trusted, so the whole file is asked for. */
const refused = (name, answer, overlap = 0) => ({
  name,
  answers: [begin, answer, {}],
  expect: { ranges: [null, from(HALF - overlap), null], sent: { most: 3 * SIZE } },
});

const claims = (first, last, total) => ({ contentRange: () => `bytes ${first}-${last}/${total}` });

const multipart = (...ranges) => {
  const parts = ranges.map(([start, end]) =>
    Buffer.concat([
      Buffer.from(`\r\n--edge\r\nContent-Range: bytes ${start}-${end - 1}/${SIZE}\r\n\r\n`),
      bytesOf('one', start, end),
    ]),
  );
  return {
    status: 206,
    type: 'multipart/byteranges; boundary=edge',
    body: Buffer.concat([...parts, Buffer.from('\r\n--edge--\r\n')]),
  };
};

/** A 206 that nobody asked for, with the bytes from `start` up to `end`. */
const unasked = (start, end, contentRange = `bytes ${start}-${end - 1}/${SIZE}`) => ({
  status: 206,
  body: bytesOf('one', start, end),
  headers: { 'Content-Range': contentRange },
});

export const RANGES = [
  ...inEachOrigin((overlap) => ({
    name: 'a 200 to a range',
    answers: [begin, { ...TWO, ignoreRange: true }],
    expect: { response: { seed: 'two' }, ranges: [null, from(HALF - overlap)], sent: HALF + SIZE },
  })),
  {
    name: 'parts that are shorter than asked for',
    answers: [
      begin,
      ({ request }) => {
        const start = Number(/\d+/.exec(request.headers.range)[0]);
        const end = Math.min(start + 10_000, SIZE);
        return { ...claims(start, end - 1, SIZE), bodyRange: () => ({ start, end }) };
      },
    ],
    expect: { ranges: [null, from(HALF), from(35_000), from(45_000)], sent: SIZE },
  },
  ...inEachOrigin((overlap) => ({
    name: 'a part of a file of any length',
    answers: [begin, claims(HALF - overlap, SIZE - 1, '*')],
    expect: { ranges: [null, from(HALF - overlap)], sent: SIZE + overlap },
  })),
  {
    name: 'a part of a file of unknown length, which 416 ends',
    answers: [
      { ...unasked(0, HALF, `bytes 0-${HALF - 1}/*`), etag: '"one"' },
      claims(HALF, SIZE - 1, '*'),
      {},
    ],
    expect: { ranges: [null, from(HALF), from(SIZE)] },
  },
];

/** A server that says 200 and sends what was asked for, with or without saying which part that is. */
const mislabelled =
  (headers = {}) =>
  ({ request }) => {
    const start = Number(/\d+/.exec(request.headers.range ?? '0')[0]);
    return {
      status: 200,
      body: bytesOf('one', start, SIZE),
      headers: { 'Content-Range': start === 0 ? null : `bytes ${start}-${SIZE - 1}/${SIZE}`, ...headers },
    };
  };

/** The status says that it is the whole file, and it is not. */
export const MISLABELLED_PARTS = [
  ...inEachOrigin((overlap) => ({
    name: 'a part as 200',
    answers: [begin, mislabelled()],
    expect: { ranges: [null, from(HALF - overlap)], sent: SIZE + overlap },
  })),
  ...inEachOrigin(
    (overlap) => ({
      name: 'a part as 200 without Content-Range',
      answers: [begin, mislabelled({ 'Content-Range': null })],
      // The length alone does not tell which part it is; one ETag does not stand for two lengths.
      expect: { ranges: [null, from(HALF - overlap), null], sent: { most: 3 * SIZE } },
    }),
    {
      exposed: { expect: { ranges: [null, from(HALF - OVERLAP)], sent: SIZE + OVERLAP } },
      hidden: { expect: { ranges: [null, from(HALF - OVERLAP)], sent: SIZE + OVERLAP } },
    },
  ),
  ...[`bytes=${HALF}-${SIZE - 1}/${SIZE}`, `${HALF}-${SIZE - 1}/${SIZE}`, 'bytes'].map((text) => ({
    name: `a part as 200 with the Content-Range "${text}"`,
    answers: [begin, mislabelled({ 'Content-Range': text, 'Content-Length': null }), {}],
    expect: { ranges: [null, from(HALF), null], sent: { most: 3 * SIZE } },
  })),
  {
    name: 'the whole as 200 with the Content-Range of the whole',
    answers: [
      begin,
      { ...TWO, ignoreRange: true, headers: { 'Content-Range': `bytes 0-${SIZE - 1}/${SIZE}` } },
    ],
    expect: { response: { seed: 'two' }, ranges: [null, from(HALF)] },
  },
  {
    name: 'the first part as 200 to a request for the whole',
    answers: [
      {
        ...unasked(0, HALF),
        status: 200,
        etag: '"one"',
      },
      {},
    ],
    expect: { ranges: [null, from(HALF)], sent: SIZE },
  },
  {
    name: 'a part as 200 to a request for the whole, from within the file',
    answers: [{ ...unasked(HALF, SIZE), status: 200 }],
    expect: { ...FETCH_ERROR, ranges: [null] },
  },
  {
    name: 'the whole as 200 with a Content-Range that says less',
    answers: [{ headers: { 'Content-Range': `bytes ${HALF}-${SIZE - 1}/${SIZE}` } }],
    expect: { ranges: [null], sent: SIZE },
  },
];

export const WRONG_RANGES = [
  ...inEachOrigin((overlap) =>
    refused(
      'a part that begins earlier',
      {
        ...claims(HALF - overlap - 10, SIZE - 1, SIZE),
        bodyRange: ({ start, end }) => ({ start: start - 10, end }),
      },
      overlap,
    ),
  ),
  refused('a part that begins later', {
    ...claims(HALF + 10, SIZE - 1, SIZE),
    bodyRange: ({ end }) => ({ start: HALF + 10, end }),
  }),
  refused('a part that says less than it is long', claims(HALF, SIZE - 11, SIZE)),
  refused('a part that is longer than it says, without a length', {
    ...claims(HALF, SIZE - 11, SIZE),
    noContentLength: true,
  }),
  refused('a part that is shorter than it says', {
    bodyRange: ({ start, end }) => ({ start, end: end - 10 }),
  }),
  ...inEachOrigin(
    (overlap) => refused('a part of a longer file', claims(HALF - overlap, SIZE - 1, SIZE + 1), overlap),
    {
      // Nobody can read it there, and the length is right.
      hidden: { expect: { ranges: [null, from(HALF - OVERLAP)], sent: SIZE + OVERLAP } },
    },
  ),
  refused('a part of a shorter file', claims(HALF, SIZE - 1, SIZE - 1)),
  ...[
    'bytes',
    `bytes=${HALF}-${SIZE - 1}/${SIZE}`,
    `items ${HALF}-${SIZE - 1}/${SIZE}`,
    'bytes */50000',
    '',
  ].map((text) => refused(`a part with the Content-Range "${text}"`, { contentRange: () => text })),
  refused('a part without Content-Range', { headers: { 'Content-Range': null } }),
  refused('a list of ranges', {
    contentRange: () => [`bytes ${HALF}-29999/${SIZE}`, `bytes 30000-${SIZE - 1}/${SIZE}`],
  }),
  ...inEachOrigin((overlap) =>
    refused('parts in parts', multipart([HALF - overlap, 30_000], [30_000, SIZE]), overlap),
  ),
  refused('a single part in parts', multipart([HALF, SIZE])),
];

export const UNASKED_PARTS = [
  {
    name: 'an unasked part that is the whole file',
    answers: [unasked(0, SIZE)],
    expect: { ranges: [null], sent: SIZE },
  },
  {
    name: 'an unasked first part',
    answers: [{ ...unasked(0, 1000), etag: '"one"' }, {}],
    expect: { ranges: [null, from(1000)], sent: SIZE },
  },
  ...['bytes 0--1/0', 'bytes */0'].map((text) => ({
    name: `an unasked part of an empty file, "${text}"`,
    answers: [{ status: 206, body: '', headers: { 'Content-Range': text } }],
    expect: { response: { text: '' }, ranges: [null] },
  })),
  {
    name: 'an unasked part of another version than the next',
    answers: [{ ...unasked(0, 1000), etag: '"one"' }, { ...TWO, ignoreIfRange: true }, TWO],
    expect: { response: { seed: 'two' }, ranges: [null, from(1000), null] },
  },
  {
    name: 'an unasked part from within the file',
    answers: [unasked(1000, SIZE)],
    expect: { ...FETCH_ERROR, ranges: [null] },
  },
  {
    name: 'an unasked part without Content-Range',
    answers: [{ status: 206 }],
    expect: { ...FETCH_ERROR, ranges: [null] },
  },
  {
    name: 'unasked parts in parts',
    answers: [multipart([0, 1000], [1000, SIZE])],
    expect: { ...FETCH_ERROR, ranges: [null] },
  },
];
