// A cluster loses nodes while people edit and gateways ask.
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultStage } from '../support/fault-stage.js';
import type { GaleraCluster } from '../support/galera.js';
import { VersionedRoutes } from '../support/versioned-routes.js';

export interface GaleraFault {
  readonly name: string;
  readonly cause: string;
  readonly play: (stage: FaultStage, cluster: GaleraCluster) => Promise<number>;
}

/** Edits the orgs in turn, on whichever node works, for as long as something else takes. */
async function whileEditing(stage: FaultStage, work: () => Promise<void>): Promise<void> {
  const progress = { isDone: false };
  const editing = (async () => {
    for (let turn = 0; !progress.isDone; turn += 1) {
      await stage.edit([stage.orgIds[turn % stage.orgIds.length] ?? '']);
      await sleep(20);
    }
  })();
  try {
    await work();
  } finally {
    progress.isDone = true;
    await editing;
  }
}

export const GALERA_FAULTS: readonly GaleraFault[] = [
  {
    name: 'each node killed in turn',
    cause: 'SIGKILL while edits go on, recovered without it, then started again',
    play: async (stage, cluster) => {
      await Promise.all([stage.startBusyDaemon(), stage.startBusyDaemon()]);
      let slowestMs = 0;
      for (const node of cluster.nodes) {
        await whileEditing(stage, async () => {
          await sleep(500);
          await node.server.kill();
          stage.mark();
          await sleep(stage.scale.outageMs);
        });
        slowestMs = Math.max(slowestMs, await stage.recovered());
        await whileEditing(stage, () => node.restart());
        await cluster.synced();
        stage.mark();
        await stage.edit();
        await stage.recovered();
      }
      return slowestMs;
    },
  },
  {
    name: 'each node paused in turn',
    cause: 'SIGSTOP while edits go on, for longer than the cluster waits; then SIGCONT',
    play: async (stage, cluster) => {
      await Promise.all([stage.startBusyDaemon(), stage.startBusyDaemon()]);
      let slowestMs = 0;
      for (const node of cluster.nodes) {
        await whileEditing(stage, async () => {
          await node.server.pause();
          stage.mark();
          await sleep(2 * stage.scale.outageMs);
        });
        slowestMs = Math.max(slowestMs, await stage.recovered());
        node.server.resume();
        // It doesn't know yet that the others have gone on without it; they do.
        await cluster.synced();
        stage.mark();
        await stage.edit();
        await stage.recovered();
      }
      return slowestMs;
    },
  },
  {
    name: 'two of three killed',
    cause: 'SIGKILL of both at once: the third has no quorum and serves nobody; then started again',
    play: async (stage, { nodes }) => {
      await Promise.all([stage.startBusyDaemon(), stage.startBusyDaemon()]);
      const [, ...gone] = nodes;
      await Promise.all(gone.map(({ server }) => server.kill()));
      await stage.untilStale();
      await sleep(2 * stage.scale.outageMs);
      await Promise.all(gone.map((node) => node.restart()));
      stage.mark();
      await stage.edit();
      return stage.recovered();
    },
  },
  {
    name: 'edits on every node',
    cause: 'three writers, one to a node, of the same orgs: transactions that lose are made again',
    play: async (stage, { nodes }) => {
      await Promise.all([stage.startBusyDaemon(), stage.startBusyDaemon()]);
      const { database } = stage;
      const endMs = performance.now() + 5 * stage.scale.outageMs;
      await Promise.all(
        nodes.map(async ({ server }) => {
          // Twice the same: a place of several is tried again.
          const place = { socketPath: server.socketPath, user: 'root', database };
          const writer = new VersionedRoutes(place, place);
          for (let turn = 0; performance.now() < endMs; turn += 1) {
            await writer.edit(stage.orgIds[turn % stage.orgIds.length] ?? '');
          }
          await writer.close();
        }),
      );
      stage.mark();
      await stage.edit();
      return stage.recovered();
    },
  },
];
