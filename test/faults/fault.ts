// One fault: what is done to the database, the disk or the daemons while gateways ask. Whatever it is, orgs that a
// daemon has once decided for are decided for throughout; the stage's tally sees to that.
import assert from 'node:assert/strict';
import { FaultStage, type Scale } from '../support/fault-stage.js';
import type { Mariadb } from '../support/mariadb.js';
import type { TallyFigures } from '../support/tally.js';

export interface Fault {
  readonly name: string;
  /** What is done, for the table. */
  readonly cause: string;
  /** In `npm test` too: it takes a few seconds, and nothing but the machine's own programs. */
  readonly isShort?: boolean;
  /** Takes minutes: only played when it is named. */
  readonly isLong?: boolean;
  readonly isEmpty?: boolean;
  /** Plays it; resolves with the milliseconds from its end until all is as it should be. */
  readonly play: (stage: FaultStage) => Promise<number>;
}

export interface FaultResult extends TallyFigures {
  readonly fault: string;
  readonly cause: string;
  readonly recoveryMs: number;
  /** What must never be. Empty: the fault was survived. */
  readonly problems: readonly string[];
}

export interface PlayOptions {
  /** Those of a cluster; a server of its own unless told. */
  readonly servers?: readonly [Mariadb, ...Mariadb[]];
  /** Told what is to be seen on the way. */
  readonly say?: (text: string) => void;
}

export async function playFault(
  fault: Fault,
  scale: Scale,
  { servers, say }: PlayOptions = {},
): Promise<FaultResult> {
  await using stage = await FaultStage.open({
    scale,
    isEmpty: fault.isEmpty ?? false,
    ...(servers === undefined ? {} : { servers }),
    ...(say === undefined ? {} : { say }),
  });
  const recoveryMs = await fault.play(stage);
  await stage.quiet();
  const { tally } = stage;
  assert.equal(tally.answered, tally.sent, 'every request has an answer');
  return { fault: fault.name, cause: fault.cause, ...tally.figures, recoveryMs, problems: tally.problems };
}
