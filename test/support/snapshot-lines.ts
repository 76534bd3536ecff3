// Orgs as the daemon hands them to the writer of a snapshot.
import type { SnapshotLine, SnapshotOrg } from '../../src/control/snapshot/snapshot-file.js';

export function linesOf(orgs: readonly SnapshotOrg[]): SnapshotLine[] {
  return orgs.map(({ routes, readAtMs }) => ({ routesJson: JSON.stringify(routes), readAtMs }));
}
