// `npm run test:restarts`: what restarts and crashes cost the gateways, under a real systemd with the units as they are
// shipped. Prints what became of every request, and exits 1 if one was lost. Needs root on Linux, and Python 3.
import { parseArgs } from 'node:util';
import { SystemdMachine, whyNoMachine } from '../support/systemd-machine.js';
import { faultAfterFault } from './fault-phase.js';
import { killAgainAndAgain } from './kill-phase.js';
import { restartUnderLoad } from './restart-phase.js';

const ORG = '0190a000-0000-7000-8000-000000000001';

const HELP = `usage: npm run test:restarts -- [options]

  --restarts N   systemctl restart under load (20; 0: none)
  --rate N       requests a second meanwhile (20000)
  --quiet S      seconds of traffic before the first of them; its rate grows for three (8)
  --kills N      kill -9, each with one client that asks again (100; 0: none)
  --no-faults    without a main loop that stands still, workers that crash in a loop, and the limit of memory

With what is set unless told it takes some five minutes.
`;

const { values } = parseArgs({
  options: {
    restarts: { type: 'string', default: '20' },
    rate: { type: 'string', default: '20000' },
    quiet: { type: 'string', default: '8' },
    kills: { type: 'string', default: '100' },
    'no-faults': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const restarts = numberOf('restarts');
const rate = numberOf('rate');
const quietMs = numberOf('quiet') * 1000;
const kills = numberOf('kills');

const reason = await whyNoMachine();
if (reason !== undefined) {
  console.error(`signalbox: ${reason}`);
  process.exit(1);
}

await using machine = await SystemdMachine.start();
await machine.must('systemctl start signalbox.socket signalbox-admin.socket signalbox.service');
let failures = 0;
if (restarts > 0) {
  failures += await restartUnderLoad(machine, { orgId: ORG, restarts, rate, quietMs });
}
if (kills > 0) failures += await killAgainAndAgain(machine, ORG, kills);
if (values['no-faults'] !== true) failures += await faultAfterFault(machine, ORG);
process.exitCode = failures > 0 ? 1 : 0;

function numberOf(name: 'restarts' | 'rate' | 'quiet' | 'kills'): number {
  const value = values[name];
  if (/^\d+$/.test(value)) return Number(value);
  console.error(`signalbox: --${name} must be a whole number, not ${JSON.stringify(value)}; see --help`);
  process.exit(2);
}
