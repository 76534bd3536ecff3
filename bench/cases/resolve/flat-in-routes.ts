// The claim that everything else stands on: an org may have as many routes as it likes.
import { codeCase } from '../../support/code-case.js';
import { decideAll } from '../../support/engine.js';
import { typicalWorkload } from '../../support/typical.js';

const COUNTS = [20, 100, 1000, 10_000];

export const bench = codeCase({
  about: 'time for a decision by typical routes; the ratio is to that by twenty',
  isInReadme: true,
  subjects: Object.fromEntries(
    COUNTS.map((count) => [`${count}-routes`, () => decideAll(typicalWorkload(count))]),
  ),
  baselineOf: () => '20-routes',
  at: (name) => ({ axis: 'routes', x: Number.parseInt(name, 10), series: 'signalbox' }),
});
