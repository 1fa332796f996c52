import { forEachEngine } from './harness.mjs';
import { checkRows } from './server-faults/check-rows.mjs';
import { CODINGS } from './server-faults/codings.mjs';
import { CUTS, CUTS_WITHOUT_ANSWER } from './server-faults/cuts.mjs';
import { LENGTHS } from './server-faults/lengths.mjs';
import { MISLABELLED_PARTS, RANGES, UNASKED_PARTS, WRONG_RANGES } from './server-faults/ranges.mjs';
import { REDIRECTS } from './server-faults/redirects.mjs';
import { SILENCES, SOON } from './server-faults/silences.mjs';
import { STATUSES, UNSATISFIED_RANGES } from './server-faults/statuses.mjs';
import { VERSIONS } from './server-faults/versions.mjs';

const GROUPS = {
  'a body that is cut anywhere is gone on from there': CUTS,
  'a connection that is cut before there is an answer is tried again': CUTS_WITHOUT_ANSWER,
  'parts that fit are put together': RANGES,
  'parts that do not fit are not put together': WRONG_RANGES,
  'a part is one whatever its status says': MISLABELLED_PARTS,
  'a part that nobody asked for is taken if it is the first': UNASKED_PARTS,
  'two versions of a file are never mixed': VERSIONS,
  'coded bytes are never mixed with others': CODINGS,
  'a status that says not now is waited for, and any other is the answer': STATUSES,
  'a range beyond the end is the end, or of another file': UNSATISFIED_RANGES,
  'where a redirect leads is checked like any other answer': REDIRECTS,
  'a body of any length ends': LENGTHS,
};

forEachEngine('server faults', ({ test }) => {
  for (const [name, rows] of Object.entries(GROUPS)) test(name, (context) => checkRows(context, rows));
  test('silence is given up, slowness is not', (context) => checkRows(context, SILENCES, SOON));
});
