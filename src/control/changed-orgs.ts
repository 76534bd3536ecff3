// What is done about orgs that the store says have changed: those in use are out of date at once, and read again a
// few at a time. The others are read when they are asked for.
import type { OrgCache } from './org-cache.js';
import type { Publisher } from './publisher.js';

/** Orgs that are read at a time. */
const REFRESHES_MAX = 16;

export async function refreshChanged(
  orgIds: readonly string[],
  cache: Pick<OrgCache, 'isInUse' | 'invalidate'>,
  publisher: Pick<Publisher, 'refresh'>,
): Promise<void> {
  const inUse = orgIds.filter((orgId) => cache.isInUse(orgId));
  for (const orgId of inUse) cache.invalidate(orgId);
  const left = inUse.values();
  const refreshOneByOne = async (): Promise<void> => {
    for (const orgId of left) await publisher.refresh(orgId);
  };
  await Promise.all(Array.from({ length: Math.min(REFRESHES_MAX, inUse.length) }, refreshOneByOne));
}
