import { cutWhenSeen, FETCH_ERROR, from, inEachOrigin, inWebKit, OVERLAP, SIZE } from './answers.mjs';

const MIDDLE = SIZE / 2;
const randomOffset = () => 2 + Math.floor(Math.random() * (SIZE - 4));

/** Cut once, wherever it is, no byte is sent twice but those that are compared. */
const once = (name, bytes, change = {}, overlap = 0) => ({
  name: `cut ${name}`,
  answers: [{ ...cutWhenSeen(bytes), ...change }, {}],
  expect: { ranges: [null, from(bytes - overlap)], sent: SIZE + overlap },
});
const CUT_HEADERS = [
  ['before', true],
  ['within', 'middle'],
];

export const CUTS = [
  {
    name: 'cut before the first byte',
    answers: [{ cutAfter: 0 }, {}],
    expect: { ranges: [null, null], sent: SIZE },
  },
  ...inEachOrigin(() => once('after the first byte', 1), {
    // To ask for everything again is not to resume.
    exposed: { expect: { ranges: [null, null], sent: SIZE + 1 } },
    hidden: { expect: { ranges: [null, null], sent: SIZE + 1 } },
  }),
  ...inEachOrigin((overlap) => once('after a few bytes', 65, {}, overlap)),
  ...inEachOrigin((overlap) => once('before the last byte', SIZE - 1, {}, overlap)),
  once('in the middle, by a reset', MIDDLE, { reset: true }),
  ...[randomOffset(), randomOffset(), randomOffset()].map((offset) => once(`after ${offset} bytes`, offset)),
  ...inEachOrigin((overlap) => once('in a chunked body', MIDDLE, { noContentLength: true }, overlap), {
    // There nothing tells how long the whole is, and no part where it ends.
    hidden: {
      expect: { ranges: [null, from(MIDDLE - OVERLAP), from(SIZE - OVERLAP)], sent: SIZE + 2 * OVERLAP },
    },
  }),
  {
    name: 'cut after the last byte',
    answers: [{ cutAfter: SIZE }],
    expect: { ranges: [null], sent: SIZE },
  },
  {
    name: 'cut after the last byte of a chunked body, before its end',
    answers: [{ ...cutWhenSeen(SIZE), noContentLength: true }, {}],
    expect: { ranges: [null, from(SIZE)], sent: { most: SIZE + 100 } },
  },
  {
    name: 'cut where only the end of the connection ends the body, of a file that the cache may keep',
    file: { headers: { 'Cache-Control': 'max-age=600' } },
    answers: [{ cutAfter: MIDDLE, untilClose: true }, {}],
    expect: { requests: 2, sent: { most: SIZE + OVERLAP } },
  },
  {
    name: 'cut every 10 kB',
    answers: [{ cutAfter: 10_000, throttle: 100_000 }],
    expect: { requests: { least: 5, most: 15 }, sent: { most: 2 * SIZE } },
  },
  {
    name: 'cut at the same byte for ever',
    answers: [cutWhenSeen(MIDDLE), { cutAfter: 0 }],
    expect: { ...FETCH_ERROR, ranges: [null, ...Array(4).fill(from(MIDDLE))], sent: MIDDLE },
  },
  {
    name: 'cut at the same byte for ever, without ranges',
    file: { ignoreRange: true, etag: null, lastModified: null },
    answers: [cutWhenSeen(MIDDLE), { cutAfter: MIDDLE, throttle: 10 * SIZE }],
    expect: { ...FETCH_ERROR, ranges: [null, null, null, null], sent: { most: 4 * SIZE } },
  },
];

/** Firefox sends such a request up to ten times by itself, others once more. */
const sent = (least) => ({ least, most: 10 * least });

/** The answer to what WebKit has sent once more by itself is sometimes thrown away, and fetch() rejects after all. */
const inWebKitMaybeTwice = (requests, where, most) =>
  where === 'before'
    ? inWebKit({ requests: { least: requests, most: requests + 1 }, sent: { least: SIZE, most } })
    : {};

/** What these take for a whole answer, without headers and body, see `ask_for_its_body` in ends.rs. */
const takenForEmpty = (where, requests) => {
  const expected = { reason: '', response: { status: 200, text: '' }, requests };
  return where === 'within' ? { chromium: expected, firefox: expected } : {};
};

export const CUTS_WITHOUT_ANSWER = CUT_HEADERS.flatMap(([where, cutHeaders]) => [
  {
    name: `cut ${where} the headers`,
    answers: [{ cutHeaders }, {}],
    expect: { requests: 2, sent: SIZE },
    in: inWebKitMaybeTwice(2, where, 2 * SIZE),
  },
  {
    name: `cut ${where} the headers three times`,
    answers: [{ cutHeaders }, { cutHeaders }, { cutHeaders }, {}],
    expect: { requests: 4, sent: SIZE },
    in: inWebKitMaybeTwice(4, where, 2 * SIZE),
  },
  {
    name: `cut ${where} the headers for ever`,
    answers: [{ cutHeaders }],
    expect: { ...FETCH_ERROR, requests: sent(4) },
    in: takenForEmpty(where, 4),
  },
  {
    // More often than attempts are counted, however often the browser sends each.
    name: `cut ${where} the headers of all for long, as where no server is`,
    answers: [...Array(60).fill({ cutHeaders }), {}],
    head: { cutHeaders },
    expect: { requests: { least: 61 } },
    in: takenForEmpty(where, 4),
  },
  {
    name: `cut ${where} the headers for ever, across origins`,
    from: 'exposed',
    answers: [{ cutHeaders }],
    expect: { ...FETCH_ERROR, requests: sent(3) },
  },
  ...inEachOrigin(() => ({
    name: `cut ${where} the headers of a part`,
    answers: [cutWhenSeen(MIDDLE), { cutHeaders }, {}],
    // Taken for an empty file, it is a new one.
    expect: { requests: 3, sent: { least: SIZE, most: SIZE + MIDDLE } },
    // Where headers are hidden, each part begins with bytes that are there.
    in: inWebKitMaybeTwice(3, where, SIZE + MIDDLE + 2 * OVERLAP),
  })),
  {
    name: `cut ${where} the headers of each part`,
    answers: [cutWhenSeen(MIDDLE), { cutHeaders }],
    expect: { ...FETCH_ERROR, requests: sent(5), sent: MIDDLE },
  },
]);
