// The daemon's status for a person: what is wrong stands out, and says what it means. Pure.
import type { DaemonStatus } from '../../admin/backend.js';
import type { Paint } from './colour.js';
import { printable } from './printable.js';
import { count, durationWords } from './words.js';

const LABEL_WIDTH = 9;

export function statusText(status: DaemonStatus, { green, yellow, red, bold, dim }: Paint): string {
  const { state, workers, store, cache, feed, connections } = status;
  const lines: [label: string, text: string][] = [
    ['state', state === 'ready' ? green(state) : red(state)],
    ['uptime', durationWords(status.uptime_ms)],
    ['socket', `${printable(status.socket)}, ${count(connections.open, 'connection')}`],
  ];

  const running = `${workers.running} of ${workers.wanted} running`;
  if (workers.running === 0) lines.push(['workers', red(`${running}: nothing is decided`)]);
  else lines.push(['workers', workers.running < workers.wanted ? yellow(running) : running]);

  const url = printable(store.url);
  lines.push(['store', store.up ? `${green('up')}, ${url}` : `${red('down')}, ${url}`]);
  if (store.last_error !== null) lines.push(['', `last error: ${printable(store.last_error)}`]);
  if (!store.up) lines.push(['', 'the last good routes stay in force, until --max-stale']);

  const orgs = count(cache.known_orgs, 'org');
  const unknown = cache.unknown_orgs === 0 ? '' : `, and ${cache.unknown_orgs} asked for that have no routes`;
  lines.push(['loaded', `${orgs} with routes${unknown}`]);
  const failed = cache.failed_loads === 0 ? 'none failed' : yellow(`${cache.failed_loads} failed`);
  lines.push(['', `${count(cache.loads, 'read')} of the store, ${failed}`]);

  const changes = `${count(feed.changes, 'change')} seen`;
  lines.push([
    'feed',
    feed.up
      ? `${green('up')}, ${changes}`
      : `${yellow('down')}, ${changes}; changes made elsewhere wait for --ttl`,
  ]);

  const title = `signalbox ${status.version}`;
  return [
    `${bold(title)} ${dim(`pid ${status.pid}, Node ${status.node}`)}`,
    ...lines.map(([label, text]) => `  ${label.padEnd(LABEL_WIDTH)}${text}`),
  ].join('\n');
}
