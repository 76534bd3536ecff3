// `npm run test:faults [-- PART…] [--json FILE] [--resolve-timeout 50ms]`: plays every fault, or those whose name
// contains a part (those that take minutes only then), in full, and prints a table. Exit 1 if anything was seen that must never be.
import { parseArgs } from 'node:util';
import type { Scale } from '../support/fault-stage.js';
import { ALL_FAULTS } from './all-faults.js';
import { playAndReport } from './fault-report.js';
import { playFault } from './fault.js';

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'string' },
    // Of a machine that does nothing else: 50ms, the daemon's default.
    'resolve-timeout': { type: 'string', default: '250ms' },
  },
  allowPositionals: true,
});
const scale: Scale = {
  ttl: '1s',
  resolveTimeout: values['resolve-timeout'],
  outageMs: 3000,
  rounds: 5,
  edits: 6000,
};
await playAndReport(
  ALL_FAULTS.map((fault) => ({
    name: fault.name,
    isLong: fault.isLong ?? false,
    play: () => playFault(fault, scale, { say: (text) => console.error(`  ${text}`) }),
  })),
  { scale, parts: positionals, jsonFile: values.json },
);
