// Snapshot files: one that is whole is read as it was written, and one of which anything has changed is refused, or the
// generation before is taken. An input is a file.
import { isDeepStrictEqual } from 'node:util';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type SnapshotOrg,
  previousGeneration,
  readSnapshot,
  writeSnapshot,
} from '../../src/control/snapshot/snapshot-file.js';
import { SnapshotKeeper } from '../../src/control/snapshot/snapshot-keeper.js';
import { SignalboxError } from '../../src/errors.js';
import { silentLog } from '../../src/log.js';
import { draft, org } from '../support/routes.js';
import { linesOf } from '../support/snapshot-lines.js';
import { type Session, type Target, expect } from './target.js';

export const snapshot: Target = {
  name: 'snapshot',
  unit: 'snapshot files',
  isInProcess: false,
  inputs: 5000,
  open: openSnapshot,
};

function orgs(revision: number): SnapshotOrg[] {
  return [1, 2].map((number) => ({
    readAtMs: 1000 + number,
    routes: {
      orgId: org(number),
      revision,
      routes: [{ id: org(100 + number), paused: false, revision, ...draft(`r${number}`) }],
    },
  }));
}

async function openSnapshot(): Promise<Session> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-fuzz-'));
  const path = join(directory, 'snapshot');
  const before = orgs(1);
  const now = orgs(2);
  await writeSnapshot(path, linesOf(before));
  await writeSnapshot(path, linesOf(now));
  const whole = await readFile(path);
  let next = 0;
  return {
    // First every bit of every byte; then more at once.
    generate: (random) => {
      const bytes = Buffer.from(whole);
      const bit = next;
      next += 1;
      if (bit < 8 * bytes.length) {
        const at = bit >> 3;
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
        return bytes;
      }
      const from = random.below(bytes.length + 1);
      const to = random.below(bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, from), random.bytes(random.below(3)), bytes.subarray(to)]);
    },
    run: async (input) => {
      await writeFile(path, input);
      const read = await readSnapshot(path).catch((error: unknown) => {
        expect(
          error instanceof SignalboxError && error.code === 'refused',
          () => `it is not refused: ${String(error)}`,
        );
        return undefined;
      });
      expect(
        read === undefined || isDeepStrictEqual(read, now),
        () => `it is read as ${JSON.stringify(read)}`,
      );
      const keeper = new SnapshotKeeper({
        path,
        lineage: 'a store',
        orgs: () => [],
        clock: () => 0,
        log: silentLog,
      });
      const taken = await keeper.load();
      const expected = read === undefined ? before : now;
      expect(isDeepStrictEqual(taken, expected), () => `the daemon starts with ${JSON.stringify(taken)}`);
      expect((await readFile(previousGeneration(path))).length > 0, () => 'the generation before is gone');
      return 1;
    },
    close: () => rm(directory, { recursive: true, force: true }),
  };
}
