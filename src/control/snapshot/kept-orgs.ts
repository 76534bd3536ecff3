// Between the cache and the snapshot: the age of routes, which is counted on the monotonic clock within the process
// and on the wall clock from one process to the next.
import type { OrgCache } from '../cache/org-cache.js';
import type { SnapshotLine, SnapshotOrg } from './snapshot-file.js';

/** All orgs whose routes are good. */
export function* keptOrgs(cache: Pick<OrgCache, 'lastGood'>): Iterable<SnapshotLine> {
  const wallMs = Date.now();
  for (const { routes, ageMs } of cache.lastGood()) {
    yield { routesJson: routes.json, readAtMs: wallMs - ageMs };
  }
}

/** Gives the cache what was kept, at its age. */
export function restoreKept(orgs: readonly SnapshotOrg[], cache: Pick<OrgCache, 'restore'>): void {
  const wallMs = Date.now();
  for (const { routes, readAtMs } of orgs) {
    // A wall clock that was set back must not make routes younger than they can be.
    cache.restore(routes, Math.max(0, wallMs - readAtMs));
  }
}
