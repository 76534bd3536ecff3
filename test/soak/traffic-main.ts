// The traffic of a soak as a process of its own, so that what else the soak does is not in its latencies. Its arguments
// are the daemon's socket and the requests per second; the rest it is told by its parent, with which it ends.
import type { FromTraffic, ToTraffic } from './messages.js';
import { SteadyTraffic } from './steady-traffic.js';

const [socketPath = '', ratePerSecond = ''] = process.argv.slice(2);
const traffic = new SteadyTraffic({
  socketPath,
  ratePerSecond: Number(ratePerSecond),
  nowMs: () => performance.now(),
});

function say(message: FromTraffic): void {
  process.send?.(message);
}

process.on('message', (message: ToTraffic) => {
  const { kind } = message;
  switch (kind) {
    case 'report':
      say({ kind, figures: traffic.report() });
      break;
    case 'daemon':
      void traffic.daemon(message.event).then(() => {
        say({ kind });
      });
      break;
    case 'edited':
      traffic.edited(message);
      say({ kind });
      break;
    case 'finish':
      void traffic.finish().then(() => {
        say({ kind, figures: traffic.report() });
        process.disconnect();
      });
      break;
  }
});
process.once('disconnect', () => {
  process.exit();
});
// A terminal's Ctrl-C is for the parent, which ends this when it has its last figures.
process.on('SIGINT', () => undefined);
say({ kind: 'started' });
