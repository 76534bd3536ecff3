// The daemon's status for a person, on one screen: what is wrong stands out, and says what it means. Pure.
import type { DaemonStatus, DurationCounts } from '../../admin/backend.js';
import type { Paint } from './colour.js';
import { printable } from './printable.js';
import { countedSince, msText, quantileText } from './quantiles.js';
import { count, durationWords } from './words.js';

const LABEL_WIDTH = 10;
const MS_PER_S = 1000;

/** A thread whose loop is this late keeps its clients, or the tables, waiting. */
const LATE_LOOP_MS = 100;

/** A feed that was silent for this long tells changes late. */
const QUIET_FEED_MS = 5000;

type Line = readonly [label: string, text: string];

/** @param before an earlier status of the same daemon: then rates and latencies are of the time since. */
export function statusText(status: DaemonStatus, paint: Paint, before?: DaemonStatus): string {
  const { bold, dim } = paint;
  const lines = [
    ...lifeLines(status, paint),
    ...requestLines(status, paint, isSameDaemon(status, before) ? before : undefined),
    ...workerLines(status, paint),
    ...storeLines(status, paint),
    ...processLines(status, paint),
  ];
  const title = `signalbox ${printable(status.version)}`;
  return [
    `${bold(title)} ${dim(`pid ${status.pid}, Node ${printable(status.node)}`)}`,
    ...lines.map(([label, text]) => `  ${label.padEnd(LABEL_WIDTH)}${text}`),
  ].join('\n');
}

function isSameDaemon(now: DaemonStatus, before: DaemonStatus | undefined): before is DaemonStatus {
  return before?.pid === now.pid && before.uptime_ms < now.uptime_ms;
}

function lifeLines({ state, uptime_ms: uptimeMs, socket, connections }: DaemonStatus, paint: Paint): Line[] {
  const { accepted, max, open, refused } = connections;
  const turnedAway = sum(Object.values(refused));
  const refusals =
    turnedAway === 0 ? '' : `, ${paint.yellow(`${number(turnedAway)} turned away`)} (${parts(refused)})`;
  return [
    [
      'state',
      `${state === 'ready' ? paint.green(state) : paint.red(state)}, up for ${durationWords(uptimeMs)}`,
    ],
    ['socket', printable(socket)],
    ['', `${count(open, 'connection')} of at most ${number(max)}, ${number(accepted)} accepted${refusals}`],
  ];
}

function requestLines(
  { requests, uptime_ms: uptimeMs }: DaemonStatus,
  paint: Paint,
  before?: DaemonStatus,
): Line[] {
  const { answers, stale, waited, latency } = requests;
  const total = sum(Object.values(answers));
  const { matched, no_match: noMatch, no_such_route: noSuchRoute, ...errors } = answers;
  const recent = before === undefined ? latency : countedSince(latency, before.requests.latency);
  const when = before === undefined ? 'since the start' : 'now';
  const elapsedS = (uptimeMs - (before?.uptime_ms ?? 0)) / MS_PER_S;
  const rate =
    elapsedS > 0 ? Math.round((total - sum(Object.values(before?.requests.answers ?? {}))) / elapsedS) : 0;
  const wrong = parts(errors);
  return [
    ['requests', `${number(total)}, ${number(rate)} a second ${when}`],
    ['', `${number(matched)} matched, ${number(noMatch)} no match, ${number(noSuchRoute)} no such route`],
    ...(wrong === '' ? [] : [['', paint.yellow(`errors: ${wrong}`)] as const]),
    ...(stale === 0 ? [] : [['', paint.yellow(`${number(stale)} decided by stale routes`)] as const]),
    ['latency', `${quantilesText(recent)} ${when}; ${number(waited)} waited for routes`],
  ];
}

function workerLines({ workers, main_loop_lag_ms: mainMs }: DaemonStatus, { red, yellow }: Paint): Line[] {
  const { ended, loop_lag_ms: lags, running: runs, wanted } = workers;
  const running = `${runs} of ${wanted} running`;
  const worstMs = Math.max(0, ...lags);
  const lag = `loops at most ${msText(worstMs)} late, the main thread's ${msText(mainMs)}`;
  const wrong = parts(ended);
  return [
    [
      'workers',
      runs === 0 ? red(`${running}: nothing is decided`) : runs < wanted ? yellow(running) : running,
    ],
    ['', worstMs >= LATE_LOOP_MS || mainMs >= LATE_LOOP_MS ? yellow(lag) : lag],
    ...(wrong === '' ? [] : [['', yellow(`replaced: ${wrong}`)] as const]),
  ];
}

function storeLines({ store, cache, feed, snapshot }: DaemonStatus, { green, red, yellow }: Paint): Line[] {
  const failed = cache.failed_loads === 0 ? 'none failed' : yellow(`${number(cache.failed_loads)} failed`);
  const unknown =
    cache.unknown_orgs === 0 ? '' : `, and ${number(cache.unknown_orgs)} asked for that have no routes`;
  const age = msText(feed.age_ms);
  const changes = `${count(feed.changes, 'change')} seen, asked ${age} ago`;
  const isQuiet = feed.age_ms >= QUIET_FEED_MS;
  return [
    ['store', `${store.up ? green('up') : red('down')}, ${printable(store.url)}`],
    ...(store.last_error === null ? [] : [['', `last error: ${printable(store.last_error)}`] as const]),
    ...(store.up ? [] : [['', 'the last good routes stay in force, until --max-stale'] as const]),
    [
      '',
      cache.loads === 0
        ? 'no reads'
        : `${count(cache.loads, 'read')}, ${failed}; ${quantilesText(cache.load_time)}`,
    ],
    ['tables', `${count(cache.known_orgs, 'org')} with routes${unknown}`],
    ...(cache.stale_orgs === 0
      ? []
      : [
          [
            '',
            yellow(
              `${number(cache.stale_orgs)} stale, the oldest for ${durationWords(cache.oldest_stale_ms)}`,
            ),
          ] as const,
        ]),
    ...(cache.quarantined_orgs === 0
      ? []
      : [
          [
            '',
            red(
              `${number(cache.quarantined_orgs)} quarantined: workers hung or died by their routes; the log says which`,
            ),
          ] as const,
        ]),
    ...(cache.refused_rows === 0
      ? []
      : [['', yellow(`${number(cache.refused_rows)} rows were no routes; the log says which`)] as const]),
    [
      'feed',
      feed.up && !isQuiet
        ? `${green('up')}, ${changes}`
        : `${yellow(feed.up ? 'slow' : 'down')}, ${changes}; changes made elsewhere wait for --ttl`,
    ],
    ['snapshot', snapshotText(snapshot, yellow)],
  ];
}

function snapshotText(snapshot: DaemonStatus['snapshot'], yellow: Paint['yellow']): string {
  if (snapshot === null) return 'none: a start while the store is down has no routes (--snapshot)';
  const written =
    snapshot.age_ms === null ? 'not written yet' : `written ${durationWords(snapshot.age_ms)} ago`;
  return snapshot.up ? written : yellow(`can't be written, ${written}; the log says why`);
}

function processLines({ process, dropped, uptime_ms: uptimeMs }: DaemonStatus, { yellow }: Paint): Line[] {
  const cpu = uptimeMs > 0 ? ((100 * process.cpu_ms) / uptimeMs).toFixed(1) : '0';
  const files =
    process.open_fds === null ? '' : `, ${number(process.open_fds)} of ${number(process.max_fds)} files open`;
  const lost = parts(dropped);
  return [
    ['process', `${number(Math.round(process.resident_bytes / 1e6))} MB, ${cpu} % of a core${files}`],
    ['lost', lost === '' ? 'nothing' : yellow(lost)],
  ];
}

function quantilesText(durations: DurationCounts): string {
  const texts = [0.5, 0.99, 0.999].map((part) => quantileText(durations, part));
  if (texts[0] === undefined) return 'none to measure';
  return `p50 ${texts[0]}, p99 ${texts[1] ?? ''}, p99.9 ${texts[2] ?? ''}`;
}

/** What isn't 0: `3 unavailable, 1 bad request`. */
function parts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, value]) => value > 0)
    .map(([name, value]) => `${number(value)} ${name.replaceAll('_', ' ')}`)
    .join(', ');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
