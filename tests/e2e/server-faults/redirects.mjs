import { cutWhenSeen, FETCH_ERROR, from, inEachOrigin, SIZE, TWO } from './answers.mjs';

const HALF = SIZE / 2;
const begin = cutWhenSeen(HALF);
const elsewhere = ({ path }) => ({ redirect: `${path}-elsewhere` });
const toOtherOrigin = ({ path, server }) => ({ redirect: server.otherUrl(`${path}-elsewhere`) });
const toItself = ({ path }) => ({ redirect: path });
const PAGE = {
  body: '<!doctype html><title>Log in</title>',
  type: 'text/html',
  etag: '"page"',
  ignoreRange: true,
};
const cut = { cutAfter: HALF, throttle: 10 * SIZE };

/** A redirect's own requests are counted; where it leads has a path of its own. */
export const REDIRECTS = [
  {
    name: 'a redirect to the same file',
    answers: [begin, elsewhere],
    beside: { '-elsewhere': {} },
    expect: { ranges: [null, from(HALF)], sent: HALF },
  },
  {
    name: 'a redirect to another file',
    answers: [begin, elsewhere],
    beside: { '-elsewhere': TWO },
    expect: { response: { seed: 'two' }, ranges: [null, from(HALF)], sent: HALF },
  },
  {
    name: 'a redirect to another file, whose server takes one for the other',
    answers: [begin, elsewhere],
    beside: { '-elsewhere': { ...TWO, ignoreIfRange: true } },
    expect: { response: { seed: 'two' }, ranges: [null, from(HALF), null], sent: HALF },
  },
  {
    name: 'a redirect from the start, to a file that is cut',
    answers: [elsewhere],
    beside: { '-elsewhere': { script: (_, n) => (n === 0 ? cut : {}) } },
    expect: { requests: 2 },
  },
  {
    name: 'a redirect to where there is nothing',
    answers: [begin, elsewhere],
    beside: { '-elsewhere': { status: 404 } },
    expect: {
      reason: 'bad-status',
      response: { status: 404, text: '404 Not Found\n' },
      ranges: [null, from(HALF), from(HALF), null],
    },
  },
  {
    name: 'a redirect of ranges to another origin, which CORS forbids',
    answers: [begin, (given) => (given.request.headers.range ? toOtherOrigin(given) : {})],
    head: toOtherOrigin,
    beside: { '-elsewhere': {} },
    expect: { ranges: [null, from(HALF), from(HALF), from(HALF), null] },
  },
  {
    name: 'a redirect to another origin that CORS allows',
    answers: [begin, toOtherOrigin],
    beside: { '-elsewhere': { cors: { origin: '*', expose: ['ETag', 'Content-Range'] } } },
    expect: {},
  },
  ...inEachOrigin((overlap) => ({
    name: 'a redirect to a page, such as that of a login, once',
    answers: [begin, elsewhere, {}],
    beside: { '-elsewhere': PAGE },
    expect: { ranges: [null, from(HALF - overlap), from(HALF - overlap)], sent: SIZE + overlap },
  })),
  {
    name: 'a redirect to a page for ever',
    answers: [begin, elsewhere],
    beside: { '-elsewhere': PAGE },
    expect: { ...FETCH_ERROR, requests: 5 },
  },
  {
    name: 'another kind of document, once',
    answers: [begin, PAGE, {}],
    expect: { ranges: [null, from(HALF), from(HALF)] },
  },
  {
    name: 'another kind of document for ever',
    answers: [begin, PAGE],
    expect: { response: { text: PAGE.body }, requests: 4 },
  },
  {
    name: 'another version, whose beginning is cut',
    answers: [begin, { ...TWO, cutAfter: 1000, ignoreRange: true }, {}],
    // The bytes of the first are kept until there is another file.
    expect: { ranges: [null, from(HALF), from(HALF)] },
  },
  {
    name: 'a redirect in a circle',
    answers: [begin, toItself],
    expect: FETCH_ERROR,
  },
];
