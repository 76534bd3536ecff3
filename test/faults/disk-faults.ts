// The disk of the snapshot is full. It is a small one of the daemon's own: a file system in memory that only its
// process sees, and which ends with it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidBytes } from '../../src/store/mysql/route-rows.js';
import { org } from '../support/routes.js';
import { waitFor } from '../support/wait-for.js';
import type { Fault } from './fault.js';

const BIG_ORG = org(1000);

export const DISK_FAULTS: readonly Fault[] = [
  {
    name: "the snapshot's disk full",
    cause: 'a file system of 64 KB, an org of 200 KB; a start from what is left while the database is down',
    play: async (stage) => {
      const directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
      stage.defer(() => rm(directory, { recursive: true }));
      const path = join(directory, 'snapshot');
      const mount = 'mount -t tmpfs -o size=64k none "$0" && exec "$@"';
      const daemon = await stage.startBusyDaemon({
        args: ['--snapshot', path],
        through: ['unshare', '--mount', '--map-root-user', 'sh', '-c', mount, directory],
      });
      // As only the daemon sees it.
      const seen = join('/proc', String(daemon.pid), 'root', path);
      await waitFor(() => existsSync(seen), 'a first snapshot');
      const probe = stage.probe(daemon);
      await stage.routes.run(
        'INSERT INTO signalbox_routes (org_id, name, `when`, `then`) VALUES (?, ?, ?, ?)',
        [
          uuidBytes(BIG_ORG),
          'big',
          JSON.stringify({ model_in: ['m', 'x'.repeat(200_000)] }),
          '{"target_model": "a"}',
        ],
      );
      await probe.untilRoute(BIG_ORG, 'big');
      await daemon.waitForLog('snapshot.failing');
      stage.mark();
      await stage.edit();
      await stage.recovered();
      await copyFile(seen, path);
      await stage.quiet();
      await daemon.stop('SIGKILL');
      await stage.server.kill();
      const next = await stage.startDaemon({ args: ['--snapshot', path] });
      const { notYetKnown } = stage.tally;
      stage.startTraffic(next);
      await stage.untilStale();
      assert.equal(stage.tally.notYetKnown, notYetKnown, 'what was there stays whole');
      await stage.server.restart();
      stage.mark();
      await stage.edit();
      return stage.recovered();
    },
  },
];
