// Flat whatever the routes are made of: mixes that are hard for an index, each with twenty routes and with 10,000.
import { codeCase } from '../../support/code-case.js';
import { decideAll } from '../../support/engine.js';
import { MIXES, mixedWorkload } from '../../support/mixes.js';

const COUNTS = [20, 10_000];

export const bench = codeCase({
  about: 'time for a decision by 20 and by 10,000 routes of one kind; the ratio is to 20',
  isInReadme: true,
  subjects: Object.fromEntries(
    Object.keys(MIXES).flatMap((mix) =>
      COUNTS.map((count) => [`${mix}-${count}`, () => decideAll(mixedWorkload(mix, count))]),
    ),
  ),
  baselineOf: (name) => (name.endsWith('-10000') ? name.replace(/-10000$/, '-20') : undefined),
});
