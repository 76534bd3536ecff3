// What the daemon says of itself, with what to do about each part of it that isn't as it should be. Pure.
import type { DaemonStatus } from '../../admin/backend.js';
import { msText } from '../output/quantiles.js';
import { count, durationWords } from '../output/words.js';
import { type Finding, ok, warning, wrong } from './finding.js';

/** Of a limit. */
const NEAR = 0.8;

/** With fewer, connections are refused long before a worker is busy. */
const FILES_MIN = 2048;

const LATE_LOOP_MS = 250;

const QUIET_FEED_MS = 60_000;

const UNANSWERED_PART = 0.001;

export function inspectDaemonStatus(status: DaemonStatus): readonly Finding[] {
  return [
    inspectState(status),
    inspectWorkers(status),
    inspectStore(status),
    inspectRoutes(status),
    inspectFeed(status),
    inspectSnapshot(status),
    inspectLimits(status),
    inspectAnswers(status),
    inspectLosses(status),
  ];
}

function inspectState({ state, uptime_ms: uptimeMs }: DaemonStatus): Finding {
  if (state === 'ready') return ok('daemon', `ready, up for ${durationWords(uptimeMs)}`);
  return wrong('daemon', `it is ${state}`, 'wait a moment; if it stays so, its log says why');
}

function inspectWorkers({ workers, main_loop_lag_ms: mainMs }: DaemonStatus): Finding {
  const { running, wanted, loop_lag_ms: lags } = workers;
  if (running < wanted)
    return wrong('workers', `${running} of ${wanted} run`, 'the log says why under worker.ended');
  const worstMs = Math.max(mainMs, ...lags);
  const text = `${count(running, 'worker')}, loops at most ${msText(worstMs)} late`;
  if (worstMs < LATE_LOOP_MS) return ok('workers', text);
  return warning('workers', text, 'give the host more free cores, or the daemon fewer --workers');
}

function inspectStore({ store }: DaemonStatus): Finding {
  if (store.up) return ok('store', store.url);
  const text = `${store.url} cannot be read: ${store.last_error ?? ''}`;
  return wrong(
    'store',
    text,
    'the last good routes stay in force until --max-stale; make it readable before',
  );
}

function inspectRoutes({ cache }: DaemonStatus): Finding {
  if (cache.quarantined_orgs > 0) {
    const text = `${count(cache.quarantined_orgs, 'org')} without decisions: workers hung or died by their routes`;
    return wrong('routes', text, 'change their routes: the log says whose under org.quarantined');
  }
  if (cache.stale_orgs > 0) {
    const age = durationWords(cache.oldest_stale_ms);
    const text = `${count(cache.stale_orgs, 'org')} stale, the oldest for ${age}`;
    return warning(
      'routes',
      text,
      'their routes cannot be read anew; the log has store.failing or store.refused',
    );
  }
  if (cache.refused_rows > 0) {
    const text = `${count(cache.refused_rows, 'row')} of the store were no routes`;
    return warning('routes', text, 'mend them: the log has each under store.refused');
  }
  return ok('routes', `${count(cache.known_orgs, 'org')} loaded, all fresh`);
}

function inspectFeed({ feed }: DaemonStatus): Finding {
  const text = `asked ${msText(feed.age_ms)} ago, ${count(feed.changes, 'change')} heard of`;
  if (feed.up && feed.age_ms < QUIET_FEED_MS) return ok('feed', text);
  return warning('feed', text, 'changes made elsewhere come with --ttl only; the log has feed.failing');
}

function inspectSnapshot({ snapshot }: DaemonStatus): Finding {
  if (snapshot === null)
    return warning(
      'snapshot',
      'none is kept',
      'set --snapshot: a start while the store is down has no routes without',
    );
  if (!snapshot.up)
    return wrong(
      'snapshot',
      'it cannot be written',
      'see snapshot.failing in the log: a full disk, or rights',
    );
  return ok(
    'snapshot',
    snapshot.age_ms === null ? 'not written yet' : `written ${durationWords(snapshot.age_ms)} ago`,
  );
}

function inspectLimits({ connections, process }: DaemonStatus): Finding {
  const files = process.open_fds === null ? '' : `, ${process.open_fds} of ${process.max_fds} files`;
  const text = `${connections.open} of ${connections.max} connections${files}`;
  const advice = 'raise LimitNOFILE of the unit (ulimit -n), or run more --workers';
  const isNear =
    connections.open > NEAR * connections.max ||
    (process.open_fds !== null && process.open_fds > NEAR * process.max_fds);
  return isNear || process.max_fds < FILES_MIN ? warning('limits', text, advice) : ok('limits', text);
}

function inspectAnswers({ requests }: DaemonStatus): Finding {
  const { answers } = requests;
  const total = Object.values(answers).reduce((sum, value) => sum + value, 0);
  const unanswered = answers.unavailable + answers.overloaded;
  if (answers.internal > 0)
    return wrong('answers', `${answers.internal} were defects`, 'report it, with worker.defect of the log');
  const text = `${count(total, 'request')}, ${unanswered} without a decision`;
  if (unanswered <= total * UNANSWERED_PART) return ok('answers', text);
  return warning('answers', text, 'a slow store or a limit: look at the store and the limits above');
}

function inspectLosses({ dropped }: DaemonStatus): Finding {
  const lost = Object.entries(dropped).filter(([, lines]) => lines > 0);
  if (lost.length === 0) return ok('lost', 'nothing');
  const text = lost.map(([what, lines]) => `${lines} ${what.replaceAll('_', ' ')}`).join(', ');
  return warning('lost', text, 'whoever reads them is too slow; the daemon does not wait');
}
