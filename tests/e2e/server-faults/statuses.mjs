import { badStatus, cutWhenSeen, from, inEachOrigin, SIZE } from './answers.mjs';

const HALF = SIZE / 2;
const begin = cutWhenSeen(HALF);
const TEXTS = {
  400: '400 Bad Request\n',
  401: '401 Unauthorized\n',
  403: '403 Forbidden\n',
  404: '404 Not Found\n',
  410: '410 Gone\n',
  412: '412 Precondition Failed\n',
  429: '429 Too Many Requests\n',
  500: '500 Internal Server Error\n',
  501: '501 Not Implemented\n',
  503: '503 Service Unavailable\n',
};
const bad = (status) => badStatus(status, TEXTS[status]);
const resumed = [null, from(HALF), from(HALF)];
const retryAfter = (value) => ({ headers: { 'Retry-After': value } });
const inTwoSeconds = () => new Date(Date.now() + 2000).toUTCString();

export const STATUSES = [
  ...[401, 403, 404, 429, 500, 503].map((status) => ({
    name: `${status} at once`,
    answers: [{ status }],
    expect: { ...bad(status), ranges: [null] },
  })),
  ...[400, 401, 403, 404, 410, 412, 501].flatMap((status) => [
    {
      name: `${status} to If-Range`,
      answers: [begin, ({ request }) => (request.headers['if-range'] ? { status } : {})],
      expect: { ranges: resumed, sent: SIZE + TEXTS[status].length },
    },
    ...inEachOrigin((overlap) => ({
      name: `${status} to every range`,
      answers: [begin, ({ request }) => (request.headers.range ? { status } : {})],
      // Across origins there is no If-Range.
      expect: { ranges: [null, ...Array(overlap ? 1 : 2).fill(from(HALF - overlap)), null] },
    })),
    {
      name: `${status} to everything, once it has begun`,
      answers: [begin, { status }],
      expect: { ...bad(status), ranges: [...resumed, null] },
    },
  ]),
  ...[429, 500, 503].flatMap((status) => [
    ...inEachOrigin((overlap) => ({
      name: `${status} to a range, once`,
      answers: [begin, { status }, {}],
      expect: {
        ranges: [null, from(HALF - overlap), from(HALF - overlap)],
        sent: SIZE + overlap + TEXTS[status].length,
      },
    })),
    ...inEachOrigin((overlap) => ({
      name: `${status} to ranges, for ever`,
      answers: [begin, { status }],
      expect: { ...bad(status), ranges: [null, ...Array(4).fill(from(HALF - overlap))] },
    })),
  ]),
  ...[429, 503].flatMap((status) => [
    {
      name: `${status} with Retry-After in seconds`,
      answers: [begin, { status, ...retryAfter('1') }, {}],
      expect: { ranges: resumed, pause: { least: 1000, most: 3000 } },
    },
    {
      name: `${status} with Retry-After as a date`,
      answers: [begin, () => ({ status, ...retryAfter(inTwoSeconds()) }), {}],
      // HTTP's dates have no fractions of seconds.
      expect: { ranges: resumed, pause: { least: 900, most: 4000 } },
    },
  ]),
  ...['soon', '-1', '1.5', '', '9'.repeat(40), 'Mon, 05 Jan 1970 00:00:00 GMT'].map((value) => ({
    name: `503 with the Retry-After "${value}"`,
    answers: [begin, { status: 503, ...retryAfter(value) }, {}],
    expect: { ranges: resumed, pause: { most: 5000 } },
  })),
];

const unsatisfied = (total) => ({ status: 416, headers: { 'Content-Range': `bytes */${total}` } });

export const UNSATISFIED_RANGES = [
  {
    name: '416 where the file is complete',
    answers: [{ ...cutWhenSeen(SIZE), noContentLength: true }, unsatisfied(SIZE)],
    expect: { ranges: [null, from(SIZE)] },
  },
  {
    name: '416 where the file has become shorter',
    answers: [begin, unsatisfied(10_000), { seed: 'two', etag: '"two"', size: 10_000 }],
    expect: { response: { seed: 'two', size: 10_000 }, ranges: [null, from(HALF), null] },
  },
  {
    name: '416 to every range',
    answers: [begin, ({ request }) => (request.headers.range ? unsatisfied(SIZE) : {})],
    expect: { ranges: [null, from(HALF), null] },
  },
  ...inEachOrigin((overlap) => ({
    name: '416 that does not tell the length',
    answers: [begin, { status: 416 }, {}],
    expect: { ranges: [null, from(HALF - overlap), null] },
  })),
  {
    name: '416 to everything',
    answers: [begin, unsatisfied(SIZE)],
    expect: { ...badStatus(416, '416 Range Not Satisfiable\n'), ranges: [null, from(HALF), null] },
  },
];
