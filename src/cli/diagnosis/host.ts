// Is the host fit for it: Node, the clock.
import { existsSync } from 'node:fs';
import { type Finding, ok, warning, wrong } from './finding.js';

const NODE_MIN = [20, 19] as const;

/** Before signalbox was written, the clock can't be right. */
const CLOCK_MIN = Date.UTC(2025, 0, 1);

/** systemd-timesyncd says here that the clock was set from the network. */
const TIMESYNC_DIRECTORY = '/run/systemd/timesync';

export function inspectHost(nodeVersion: string, nowMs: number): readonly Finding[] {
  return [inspectNode(nodeVersion), inspectClock(nowMs)];
}

function inspectNode(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const isNewEnough = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  if (isNewEnough) return ok('node', version);
  return wrong('node', `${version} is too old`, `install Node ${NODE_MIN.join('.')} or newer`);
}

function inspectClock(nowMs: number): Finding {
  const now = new Date(nowMs).toISOString();
  if (nowMs < CLOCK_MIN)
    return wrong('clock', `it says ${now}`, 'set it: TLS and the times in the history go by it');
  if (existsSync(TIMESYNC_DIRECTORY) && !existsSync(`${TIMESYNC_DIRECTORY}/synchronized`))
    return warning('clock', `${now}, not synchronised`, 'see timedatectl; decisions do not depend on it');
  return ok('clock', now);
}
