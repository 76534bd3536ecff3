// The hits of an org's routes as the admin API tells them: all workers' together, of every route that is decided by,
// those that nothing reaches too. Pure.
import type { HitCount, OrgHits } from '../admin/backend.js';
import type { StoredRoute } from '../store/route-store.js';
import type { Hits } from '../worker/thread-messages.js';

/** @param dateOf what a time of the monotonic clock is on the wall. */
export function orgHits(
  counted: readonly ReadonlyMap<string, Hits>[],
  routes: readonly StoredRoute[],
  dateOf: (atMs: number) => Date,
): OrgHits {
  const sumOf = (key: string): HitCount => {
    const found = counted.flatMap((hits) => hits.get(key) ?? []);
    const lastMs = Math.max(...found.map((hits) => hits.lastMs));
    return {
      hits: found.reduce((sum, { count }) => sum + count, 0),
      last_hit: found.length === 0 ? null : dateOf(lastMs).toISOString(),
    };
  };
  return {
    workers: counted.length,
    no_match: sumOf('no_match'),
    no_such_route: sumOf('no_such_route'),
    routes: routes
      .filter(({ enabled }) => enabled)
      .map(({ id, name }) => ({ route_id: id, name, ...sumOf(id) })),
  };
}
