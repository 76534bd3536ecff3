// Many requests at once: each connection sends all of its own in one write, and then reads the answers. Counted like
// all other traffic; what the daemon may not know yet is not told from what it must, so a refusal is no error here.
import { org } from './routes.js';
import type { Tally } from './tally.js';
import { WireClient, requestFrame } from './wire-client.js';
import { toAnswer } from './wire-exchange.js';

export interface CrowdOptions {
  readonly socketPath: string;
  /** One request for each. */
  readonly orgIds: readonly string[];
  readonly connections: number;
  readonly tally: Tally;
}

export interface CrowdAnswers {
  readonly decisions: number;
  readonly stale: number;
  /** The orgs that got no decision, and why. */
  readonly refused: ReadonlyMap<string, string>;
}

export async function crowd({ socketPath, orgIds, connections, tally }: CrowdOptions): Promise<CrowdAnswers> {
  const refused = new Map<string, string>();
  const before = { decisions: tally.decisions, stale: tally.stale };
  const ask = async (own: readonly string[]): Promise<void> => {
    const client = await WireClient.connect(socketPath);
    const sentMs = performance.now();
    tally.sent += own.length;
    client.send(
      Buffer.concat(own.map((orgId, id) => requestFrame(id, 'resolve', { org_id: orgId, model: 'm' }))),
    );
    for (const _ of own) {
      const { id, error, result } = toAnswer(await client.nextMessage());
      tally.slowestMs = Math.max(tally.slowestMs, performance.now() - sentMs);
      if (error === null) {
        tally.decisions += 1;
        if ((result as { stale: boolean }).stale) tally.stale += 1;
      } else {
        tally.notYetKnown += 1;
        refused.set(own[id ?? 0] ?? org(0), `${error.code}: ${error.message}`);
      }
    }
    client.destroy();
  };
  const shares = Array.from({ length: connections }, (_, connection) =>
    orgIds.filter((_, index) => index % connections === connection),
  );
  await Promise.all(shares.filter(({ length }) => length > 0).map(ask));
  return { decisions: tally.decisions - before.decisions, stale: tally.stale - before.stale, refused };
}
