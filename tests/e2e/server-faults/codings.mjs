import { gzipSync } from 'node:zlib';
import {
  bytesOf,
  cutWhenSeen,
  FETCH_ERROR,
  from,
  inEachOrigin,
  inWebKit,
  OVERLAP,
  SIZE,
  TWO,
} from './answers.mjs';

const HALF = SIZE / 2;
/** A file that lies coded on its server, which knows no other form of it, and cuts its parts out of this one. */
const CODED = gzipSync(bytesOf('one', 0, SIZE));
/** Its code is much shorter. */
const TEXT = 'All work and no play. '.repeat(100);
const begin = cutWhenSeen(HALF);
const slow = { throttle: 10 * SIZE };
/** Chromium refuses a coding that it has not offered, as if the connection had broken. */
const refusedByChromium = (overlap) => ({
  chromium: { ranges: [null, from(HALF - overlap), from(HALF - overlap)] },
});
/** It does not take br here. */
const uncodedInWebKit = inWebKit({ ranges: [null] });
const cut = { cutAfter: HALF, ...slow };

export const CODINGS = [
  ...inEachOrigin((overlap) => ({
    name: 'a part that is suddenly coded',
    answers: [begin, { gzip: true, codedRanges: true, etag: '"one"' }, {}],
    expect: { ranges: [null, from(HALF - overlap), null] },
    in: refusedByChromium(overlap),
  })),
  ...inEachOrigin((overlap) => ({
    name: 'a part that is suddenly coded, with the length of its code',
    answers: [begin, { gzip: true, codedRanges: true, codedLength: true, etag: '"one"' }, {}],
    expect: { ranges: [null, from(HALF - overlap), null] },
    in: refusedByChromium(overlap),
  })),
  ...['identity', 'aws-chunked'].map((coding) => ({
    name: `the Content-Encoding ${coding}, which browsers do not decode`,
    file: { headers: { 'Content-Encoding': coding } },
    answers: [begin, {}],
    expect: { ranges: [null, from(HALF)], sent: SIZE },
  })),
  ...['gzip', 'br'].flatMap((coding) => [
    {
      name: `a whole file in ${coding}`,
      answers: [{ [coding]: true }],
      // Whether it is the whole, nobody knows but the server.
      expect: { ranges: [null, from(SIZE - OVERLAP)], sent: { least: SIZE, most: SIZE + 1000 } },
      in: coding === 'br' ? uncodedInWebKit : {},
    },
    {
      name: `a whole file in ${coding} from a server that knows no ranges`,
      answers: [{ [coding]: true, ignoreRange: true }],
      expect: { requests: { least: 1, most: 2 } },
    },
    ...inEachOrigin(() => ({
      name: `a whole file in ${coding}, with the length of its code`,
      answers: [{ [coding]: true, codedLength: true }],
      // Across origins nothing tells that it is coded, and where it ended, but a second time.
      expect: { requests: { least: 1, most: 2 } },
    })),
    {
      name: `${coding}, cut`,
      answers: [{ [coding]: true, ...cut }, { [coding]: true }],
      expect: { requests: 3 },
      // The first question brings out that it was cut.
      in: inWebKit({ requests: coding === 'br' ? 2 : 4 }),
    },
    {
      name: `${coding}, cut, of a file that the browser's cache may keep`,
      file: { headers: { 'Cache-Control': 'max-age=600' } },
      answers: [{ [coding]: true, untilClose: true, ...cut }, { [coding]: true }],
      expect: { requests: { least: 2, most: 4 } },
    },
    {
      name: `${coding}, cut, and the whole file for the question about its end`,
      answers: [{ [coding]: true, ...cut }, { ignoreRange: true }],
      expect: { requests: 2 },
    },
    {
      name: `${coding}, cut, that ends with its connection`,
      answers: [{ [coding]: true, untilClose: true, ...cut }, {}],
      expect: { requests: { least: 2, most: 3 } },
    },
    ...inEachOrigin(
      () => ({
        name: `${coding} with a length, cut`,
        answers: [
          { [coding]: true, codedLength: true, ...cut },
          { [coding]: true, codedLength: true },
        ],
        expect: { requests: { least: 2, most: 4 } },
      }),
      { own: { expect: { requests: 2 } } },
    ),
  ]),
  ...inEachOrigin(() => ({
    name: 'gzip with the length of the file itself',
    file: { body: TEXT },
    answers: [{ gzip: true, untilClose: true, headers: { 'Content-Length': TEXT.length } }],
    expect: { response: { text: TEXT }, requests: { least: 1, most: 2 } },
  })),
  {
    name: 'gzip with a wrong length, of a server that knows no ranges',
    file: { body: TEXT, ignoreRange: true },
    answers: [{ gzip: true, untilClose: true, headers: { 'Content-Length': TEXT.length / 2 } }],
    expect: { response: { text: TEXT }, requests: { least: 2, most: 3 } },
    // There fetch() fails, too.
    in: { chromium: { ...FETCH_ERROR, requests: { least: 4, most: 8 } } },
  },
  ...inEachOrigin(() => ({
    name: 'parts that are cut out of the coded file',
    file: { body: CODED, headers: { 'Content-Encoding': 'gzip' } },
    answers: [cut, {}],
    // What shows no byte is asked for three times: the rest, and whether the end is the end.
    expect: { requests: { least: 2, most: 9 } },
  })),
  {
    name: 'gzip with a length, cut for ever',
    answers: [{ gzip: true, codedLength: true, ...cut }],
    // An attempt that shows a byte more than those before it begins the count anew.
    expect: { ...FETCH_ERROR, requests: { least: 4, most: 12 } },
  },
  {
    name: 'gzip, cut, and another version',
    answers: [{ gzip: true, ...cut }, TWO],
    expect: { response: { seed: 'two' }, ranges: [null, null] },
    // There it is seen by the question for the end.
    in: inWebKit({ requests: 3, ranges: undefined }),
  },
];
