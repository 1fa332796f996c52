import { gzipSync } from 'node:zlib';
import {
  bytesOf,
  cutWhenSeen,
  FETCH_ERROR,
  from,
  inEachOrigin,
  inWebKit,
  RAW_PARTS,
  SIZE,
  TWO,
  UNSEEN_CUT,
} from './answers.mjs';

const HALF = SIZE / 2;
/** A file that lies coded on its server, which knows no other form of it, and cuts its parts out of this one. */
const CODED = gzipSync(bytesOf('one', 0, SIZE));
const begin = cutWhenSeen(HALF);
const slow = { throttle: 10 * SIZE };
/** Chromium refuses a coding that it has not offered, as if the connection had broken. */
const refusedByChromium = { chromium: { ranges: [null, from(HALF), from(HALF)] } };
const cut = { cutAfter: HALF, ...slow };

export const CODINGS = [
  ...inEachOrigin({
    name: 'a part that is suddenly coded',
    answers: [begin, { gzip: true, codedRanges: true, etag: '"one"' }, {}],
    expect: { ranges: [null, from(HALF), null] },
    in: refusedByChromium,
  }),
  ...inEachOrigin({
    name: 'a part that is suddenly coded, with the length of its code',
    answers: [begin, { gzip: true, codedRanges: true, codedLength: true, etag: '"one"' }, {}],
    expect: { ranges: [null, from(HALF), null] },
    in: refusedByChromium,
  }),
  ...['gzip', 'br'].flatMap((coding) => [
    {
      name: `a whole file in ${coding}`,
      answers: [{ [coding]: true }],
      expect: { ranges: [null] },
    },
    ...inEachOrigin({
      name: `a whole file in ${coding}, with the length of its code`,
      answers: [{ [coding]: true, codedLength: true }],
      // Across origins nothing tells that it is coded, and where it ended, but a second time.
      expect: { requests: { least: 1, most: 2 } },
    }),
    {
      name: `${coding}, cut`,
      answers: [{ [coding]: true, ...cut }, { [coding]: true }],
      // Not everybody takes br here.
      expect: { requests: 2 },
      in: coding === 'gzip' ? inWebKit({ todo: UNSEEN_CUT }) : {},
    },
    {
      name: `${coding} with a length, cut`,
      answers: [
        { [coding]: true, codedLength: true, ...cut },
        { [coding]: true, codedLength: true },
      ],
      expect: { requests: 2 },
    },
  ]),
  ...inEachOrigin(
    {
      name: 'parts that are cut out of the coded file',
      file: { body: CODED, headers: { 'Content-Encoding': 'gzip' } },
      answers: [cut, {}],
      expect: { requests: { least: 2, most: 8 } },
    },
    { hidden: { in: inWebKit({ todo: RAW_PARTS }) } },
  ),
  {
    name: 'gzip with a length, cut for ever',
    answers: [{ gzip: true, codedLength: true, ...cut }],
    expect: { ...FETCH_ERROR, requests: { least: 4, most: 7 } },
  },
  {
    name: 'gzip, cut, and another version',
    answers: [{ gzip: true, ...cut }, TWO],
    expect: { response: { seed: 'two' }, ranges: [null, null] },
    in: inWebKit({ todo: UNSEEN_CUT }),
  },
];
