// A database that was restored from a backup has lower revisions than daemons have seen, which is just what a replica
// that is behind looks like; so somebody has to say that it is meant.
import type { ChangeNote } from '../route-store.js';
import type { MysqlClient } from './mysql-client.js';

// Whatever the server's clock says, it is more than the last time.
const INSERT = `INSERT INTO signalbox_restores (epoch, actor, reason)
  SELECT GREATEST(COALESCE(MAX(epoch), 0) + 1, CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED)), ?, ?
  FROM signalbox_restores`;

/** From now on daemons take every org as the database has it. @throws SignalboxError `store_unavailable` */
export async function noteRestore(client: MysqlClient, { actor, reason }: ChangeNote): Promise<void> {
  await client.write((session) => session.query(INSERT, [actor ?? null, reason ?? null]));
}
