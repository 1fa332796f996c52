import { cutWhenSeen, FETCH_ERROR, from, inEachOrigin, SIZE } from './answers.mjs';

const HALF = SIZE / 2;

/** What a group of these needs: silence is given up soon, and not often. */
export const SOON = { stallTime: 1500, retry: { attemptsToConnect: 2, attemptsToResume: 2 } };

export const SILENCES = [
  {
    name: 'no answer, once',
    answers: [{ never: true }, {}],
    expect: { ranges: [null, null], sent: SIZE },
  },
  { name: 'no answer, ever', answers: [{ never: true }], expect: { ...FETCH_ERROR, ranges: [null, null] } },
  ...inEachOrigin((overlap) => ({
    name: 'silence in the middle, once',
    answers: [{ stallAfter: HALF }, {}],
    expect: { ranges: [null, from(HALF - overlap)], sent: SIZE + overlap },
  })),
  {
    name: 'silence in the middle, for ever',
    answers: [{ stallAfter: HALF }, { stallAfter: 0 }],
    expect: { ...FETCH_ERROR, ranges: [null, from(HALF)], sent: HALF },
  },
  {
    name: 'silence after the headers',
    answers: [{ stallAfter: 0 }, {}],
    expect: { ranges: [null, null], sent: SIZE },
  },
  {
    name: 'no answer as often as is counted, nor to HEAD',
    answers: [{ never: true }, { never: true }, {}],
    head: { never: true },
    expect: { ranges: [null, null, null], sent: SIZE },
  },
  {
    name: 'an answer that comes as late as only the second may',
    answers: [{ never: true }, { delay: 2250 }],
    expect: { ranges: [null, null], sent: SIZE },
  },
  {
    name: 'no answer to a range, once',
    answers: [cutWhenSeen(HALF), { never: true }, {}],
    expect: FETCH_ERROR,
  },
  {
    name: 'a few bytes at a time for longer than silence is borne',
    file: { size: 30 },
    answers: [{ throttle: 10 }],
    expect: { response: { size: 30 }, ranges: [null], sent: 30 },
  },
  {
    name: 'an answer that comes late',
    answers: [{ delay: 750 }],
    expect: { ranges: [null], sent: SIZE },
  },
];
