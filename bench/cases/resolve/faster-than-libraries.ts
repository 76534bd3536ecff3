// The same rules and requests by what a team would otherwise decide with. Each must first give the same answers.
import { type Subject, codeCase } from '../../support/code-case.js';
import { decideAll } from '../../support/engine.js';
import { cel } from '../../support/peers/cel.js';
import { flagdCore } from '../../support/peers/flagd.js';
import { jsonLogicJs } from '../../support/peers/json-logic.js';
import { jsonRulesEngine } from '../../support/peers/json-rules-engine.js';
import { type Peer, peerSubject } from '../../support/peers/peer.js';
import { plainScan } from '../../support/peers/plain-scan.js';
import { typicalWorkload } from '../../support/typical.js';

const COUNTS = [20, 1000];
const PEERS: Readonly<Record<string, Peer>> = {
  'plain-scan': plainScan,
  'flagd-core': flagdCore,
  'cel-js': cel,
  'json-logic-js': jsonLogicJs,
  'json-rules-engine': jsonRulesEngine,
};

export const bench = codeCase({
  about: 'time for a decision by the same routes; the ratio is to signalbox',
  isInReadme: true,
  subjects: Object.fromEntries<Subject>(
    COUNTS.flatMap((count): [string, Subject][] => [
      [`signalbox-${count}`, () => decideAll(typicalWorkload(count))],
      ...Object.entries(PEERS).map(([name, peer]): [string, Subject] => [
        `${name}-${count}`,
        peerSubject(peer, () => typicalWorkload(count, count > 20 ? 64 : 1024)),
      ]),
    ]),
  ),
  baselineOf: (name) => name.replace(/^.*-(?=\d+$)/, 'signalbox-'),
  at: (name) => ({
    axis: 'routes',
    x: Number(/\d+$/.exec(name)?.[0]),
    series: name.replace(/-\d+$/, ''),
  }),
});
