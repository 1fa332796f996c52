import { cutWhenSeen, FETCH_ERROR, from, inEachOrigin, SIZE, TWO } from './answers.mjs';

const HALF = SIZE / 2;
const MIB = 1 << 20;
const exceeded = (sent) => ({
  reason: 'download-total-exceeded',
  response: { error: 'TypeError' },
  requests: 1,
  sent: { most: sent },
});
const empty = { response: { status: 200, text: '' } };
const WHOLE_AT_ONCE = { expect: { ranges: [null], sent: SIZE } };

export const LENGTHS = [
  {
    name: 'a body that is longer than announced, which HTTP stacks cut',
    answers: [{ longer: 1000 }],
    expect: { ranges: [null] },
  },
  {
    name: 'a body that is shorter than announced, once',
    answers: [{ ...cutWhenSeen(SIZE - 1000), shorter: 1000 }, {}],
    expect: { ranges: [null, from(SIZE - 1000)], sent: SIZE },
  },
  {
    name: 'a body that is shorter than announced, for ever',
    answers: [{ shorter: 1000, throttle: 10 * SIZE }],
    // Bytes that come late, with a later attempt, begin the count anew.
    expect: { ...FETCH_ERROR, requests: { least: 5, most: 10 } },
  },
  // Whether it was all is asked: where headers are hidden, by a part that brings nothing new.
  ...inEachOrigin((overlap) => ({
    name: 'a body without a length',
    answers: [{ noContentLength: true }, {}],
    expect: { ranges: [null, from(SIZE - overlap)], sent: SIZE + overlap },
  })),
  ...inEachOrigin((overlap) => ({
    name: 'a body without any length',
    answers: [{ noContentLength: true }],
    expect: { ranges: [null, from(SIZE - overlap)], sent: { most: SIZE + overlap } },
  })),
  {
    name: 'a body without a length, of a file without a version',
    file: { etag: null, lastModified: null },
    answers: [{ noContentLength: true }],
    ...WHOLE_AT_ONCE,
  },
  {
    name: 'a body without a length, of a server without ranges',
    file: { ignoreRange: true },
    answers: [{ noContentLength: true }],
    expect: { ranges: [null, from(SIZE)] },
  },
  {
    name: 'a body without a length, of a server that refuses ranges',
    answers: [{ noContentLength: true }, { status: 400 }],
    expect: { ranges: [null, from(SIZE)] },
  },
  {
    name: 'a body that ends with its connection',
    answers: [{ untilClose: true }],
    expect: { ranges: [null, from(SIZE)], sent: SIZE },
  },
  {
    name: 'a body that ends with its connection, too early',
    answers: [{ ...cutWhenSeen(HALF), untilClose: true }, { untilClose: true }],
    expect: { ranges: [null, from(HALF)], sent: SIZE },
  },
  ...inEachOrigin((overlap) => ({
    name: 'a body that ends with its connection, too early, and parts that have lengths',
    answers: [{ ...cutWhenSeen(HALF), untilClose: true }, {}],
    // Where the length of the whole stays unknown, the new end is asked about, too.
    expect: { requests: { least: 2, most: overlap ? 3 : 2 }, sent: { most: SIZE + 2 * overlap } },
  })),
  {
    name: 'a part that ends with its connection',
    answers: [cutWhenSeen(HALF), { untilClose: true, cutAfter: 1000 }, { untilClose: true }],
    expect: { requests: 3, sent: { most: SIZE + 1000 } },
  },
  {
    name: 'an announced length beyond all measure',
    answers: [{ headers: { 'Content-Length': 2 ** 53 }, cutAfter: HALF, throttle: 10 * SIZE }],
    downloadTotal: SIZE,
    expect: exceeded(HALF),
  },
  {
    name: 'an announced length beyond all measure that nobody minds',
    answers: [{ headers: { 'Content-Length': 2 ** 53 }, ...cutWhenSeen(HALF) }, TWO],
    expect: { response: { seed: 'two' }, ranges: [null, from(HALF)] },
  },
  { name: 'an empty body', file: { size: 0 }, answers: [{}], expect: { ...empty, ranges: [null] } },
  {
    name: 'an empty body without a length',
    file: { size: 0 },
    answers: [{ noContentLength: true }],
    expect: { ...empty, requests: 1 },
  },
  {
    name: 'an empty body that ends with its connection',
    file: { size: 0 },
    answers: [{ untilClose: true }],
    expect: { ...empty, requests: 4 },
  },
  {
    name: '204',
    answers: [{ status: 204 }],
    expect: { response: { status: 204, text: '' }, ranges: [null] },
  },
  {
    name: 'an endless body, with a downloadTotal',
    answers: [{ endless: true, throttle: 20 * MIB }],
    downloadTotal: MIB,
    expect: exceeded(8 * MIB),
  },
  {
    name: 'a body of exactly the downloadTotal',
    answers: [cutWhenSeen(HALF), {}],
    downloadTotal: SIZE,
    expect: { ranges: [null, from(HALF)], sent: SIZE },
  },
  {
    name: 'a body of one byte more than the downloadTotal',
    answers: [{ noContentLength: true }],
    downloadTotal: SIZE - 1,
    expect: exceeded(SIZE),
  },
  {
    name: 'an endless body that abort() ends',
    answers: [{ endless: true, throttle: 4 * MIB }],
    abortAt: MIB,
    expect: { reason: 'aborted', response: { error: 'AbortError' }, requests: 1, sent: { most: 16 * MIB } },
  },
];
