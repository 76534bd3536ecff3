// The daemon in one line, for `systemctl status`.
import type { DaemonStatus } from '../../admin/backend.js';

const ERROR_CHARACTERS_MAX = 120;

type Look = Pick<
  DaemonStatus,
  'state' | 'uptime_ms' | 'connections' | 'requests' | 'workers' | 'cache' | 'store'
>;

/** Remembers the last look, since which decisions are counted. */
export class StatusLine {
  #decisions = 0;
  #atMs = 0;

  /** `12 connections; 19300 decisions/s; 340 orgs; 2 of 2 workers; the store is up` */
  of(status: Look): string {
    const { state, connections, workers, cache, store } = status;
    const parts = [
      ...(state === 'ready' ? [] : [state]),
      `${connections.open} connections`,
      `${this.#rate(status)} decisions/s`,
      `${cache.known_orgs} orgs`,
      `${workers.running} of ${workers.wanted} workers`,
      store.last_error === null ? 'the store is up' : `the store is failing: ${oneLine(store.last_error)}`,
    ];
    return parts.join('; ');
  }

  #rate({ requests: { answers }, uptime_ms: nowMs }: Look): number {
    const decisions = answers.matched + answers.no_match + answers.no_such_route;
    const seconds = Math.max(1, nowMs - this.#atMs) / 1000;
    const rate = Math.round((decisions - this.#decisions) / seconds);
    this.#decisions = decisions;
    this.#atMs = nowMs;
    return rate;
  }
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > ERROR_CHARACTERS_MAX ? `${line.slice(0, ERROR_CHARACTERS_MAX)}…` : line;
}
