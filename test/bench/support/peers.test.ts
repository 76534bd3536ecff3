// Each peer decides as the plain telling of the rules does, on requests that leave out any of their signals: a
// comparison of speed is only worth something between right answers.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ResolveRequest } from '../../../src/routing/request.js';
import { cel } from '../../../bench/support/peers/cel.js';
import { flagdCore } from '../../../bench/support/peers/flagd.js';
import { jsonLogicJs } from '../../../bench/support/peers/json-logic.js';
import { jsonRulesEngine } from '../../../bench/support/peers/json-rules-engine.js';
import { type Peer, assertRightAnswers } from '../../../bench/support/peers/peer.js';
import { plainScan } from '../../../bench/support/peers/plain-scan.js';
import { type Workload, typicalWorkload } from '../../../bench/support/typical.js';

const PEERS: Readonly<Record<string, Peer>> = {
  'json-rules-engine': jsonRulesEngine,
  'json-logic-js': jsonLogicJs,
  'flagd-core': flagdCore,
  'cel-js': cel,
  'a plain scan': plainScan,
};

describe('the peers of the engine', () => {
  for (const [name, peer] of Object.entries(PEERS)) {
    it(`are measured on right answers: ${name}`, async () => {
      for (const routeCount of [20, 100]) {
        const workload = withGaps(typicalWorkload(routeCount, routeCount === 20 ? 31 : 5));
        await assertRightAnswers(peer(workload.routes), workload);
      }
    });
  }

  it('would not be measured on wrong ones', async () => {
    const workload = typicalWorkload();
    await assert.rejects(
      assertRightAnswers(() => 'cheap-short', workload),
      /decided cheap-short where/,
    );
  });
});

/** The same requests, and each of them again without one of its signals. */
function withGaps({ routes, requests }: Workload): Workload {
  const gapped = requests.flatMap((request) =>
    Object.keys(request)
      .filter((key) => key !== 'model')
      .map((key): ResolveRequest => {
        const { model, ...signals } = request;
        return { model, ...Object.fromEntries(Object.entries(signals).filter(([other]) => other !== key)) };
      }),
  );
  return { routes, requests: [...requests, ...gapped] };
}
