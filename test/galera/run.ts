// `npm run test:galera [-- PART…] [--json FILE]`: a cluster of three private nodes loses some of them while two daemons
// decide: every request of a known org is decided, and no revision goes back. Exit 1 if anything else was seen.
import { parseArgs } from 'node:util';
import { playAndReport } from '../faults/fault-report.js';
import { playFault } from '../faults/fault.js';
import type { Scale } from '../support/fault-stage.js';
import { GaleraCluster } from '../support/galera.js';
import { GALERA_FAULTS } from './galera-faults.js';

const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
const scale: Scale = { ttl: '1s', resolveTimeout: '250ms', outageMs: 3000, rounds: 1, edits: 0 };

console.error('starting a cluster of three nodes …');
const cluster = await GaleraCluster.start();
try {
  await playAndReport(
    GALERA_FAULTS.map(({ name, cause, play }) => ({
      name,
      play: async () => {
        await cluster.synced();
        const { servers } = cluster;
        return playFault({ name, cause, play: (stage) => play(stage, cluster) }, scale, { servers });
      },
    })),
    { scale, parts: positionals, jsonFile: values.json },
  );
} finally {
  await cluster.stop();
}
