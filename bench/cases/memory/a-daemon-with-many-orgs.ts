// The whole process, two workers, with 100,000 orgs of 20 routes, every one of them loaded and shipped: routes, cache
// entries and tables. (The store itself is in memory here, and would be in a database.)
import type { BenchCase } from '../../support/bench-case.js';
import { figure } from '../../support/figure.js';
import { ORG } from '../../support/payloads.js';
import { residentBytes } from '../../support/resident-memory.js';
import { SocketBench } from '../../support/socket-bench.js';

const MIB = 1024 * 1024;

export const bench: BenchCase = {
  about: 'resident memory of a daemon with two workers, and the same for each org',
  figures: ['1-org', '100000-orgs', 'for-each-org'],
  isInReadme: true,
  async run(context) {
    const { orgs } = context.settings;
    const sockets = await SocketBench.open(context);
    const small = await sockets.startBusyDaemon(2, 1, [ORG]);
    const smallBytes = await residentBytes(small.process.pid);
    context.say(`${orgs} orgs are loaded`);
    const large = await sockets.startBusyDaemon(2, orgs, [ORG]);
    const largeBytes = await residentBytes(large.process.pid);
    const value = { better: 'less', headline: 'value' } as const;
    return [
      figure({ ...value, name: '1-org', unit: 'MiB', rounds: [smallBytes / MIB] }),
      figure({ ...value, name: '100000-orgs', unit: 'MiB', rounds: [largeBytes / MIB] }),
      figure({
        ...value,
        name: 'for-each-org',
        unit: 'KiB',
        rounds: [(largeBytes - smallBytes) / (orgs - 1) / 1024],
      }),
    ];
  },
};
