// The daemon in one line, for `systemctl status`. Pure.
import type { DaemonStatus } from '../../admin/backend.js';

const ERROR_CHARACTERS_MAX = 120;

/** `12 connections; 340 orgs; 2 of 2 workers; the store is up` */
export function statusLine({ state, connections, workers, cache, store }: DaemonStatus): string {
  const parts = [
    ...(state === 'ready' ? [] : [state]),
    `${connections.open} connections`,
    `${cache.known_orgs} orgs`,
    `${workers.running} of ${workers.wanted} workers`,
    store.last_error === null ? 'the store is up' : `the store is failing: ${oneLine(store.last_error)}`,
  ];
  return parts.join('; ');
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > ERROR_CHARACTERS_MAX ? `${line.slice(0, ERROR_CHARACTERS_MAX)}…` : line;
}
