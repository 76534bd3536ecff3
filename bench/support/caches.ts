// The places where tables and routes are kept, full of orgs; the only file here that knows how they are called.
import { OrgCache } from '../../src/control/cache/org-cache.js';
import { ORG_ID_WORDS, writeOrgIdWords } from '../../src/protocol/org-id.js';
import type { OrgRoutes } from '../../src/store/route-store.js';
import { TableSlots } from '../../src/worker/table-slots.js';
import type { Batch } from './code-case.js';
import { compileForWorkers } from './engine.js';
import { orgId } from './payloads.js';
import { TYPICAL_RULES, routesOf } from './typical.js';

const LOOKUPS = 1000;
const STRIDE = 7919;

/** The tables of a worker. */
export function fullSlots(orgs: number): Batch {
  const slots = new TableSlots(() => undefined);
  const block = compileForWorkers(routesOf(TYPICAL_RULES));
  const times = {
    refreshAtMs: Infinity,
    untilMs: Infinity,
    lastGoodUntilMs: Infinity,
    readBeganAtMs: 0,
    settledMs: 0,
  };
  for (let index = 0; index < orgs; index += 1) {
    slots.take({
      type: 'table',
      orgId: orgId(index),
      block,
      table: index,
      revision: 1,
      stale: false,
      ...times,
    });
  }
  const asked = lookups(orgs).map((id) => {
    const words = new Int32Array(ORG_ID_WORDS);
    writeOrgIdWords(id, words);
    return words;
  });
  return {
    operations: asked.length,
    run: () => {
      let found = 0;
      for (const id of asked) if (slots.get(id, 1) !== undefined) found += 1;
      return found;
    },
  };
}

/** The cache in front of the store. */
export async function fullCache(orgs: number): Promise<Batch> {
  const routes = routesOf(TYPICAL_RULES).map((route) => ({ ...route, revision: 1 }));
  const load = async (id: string): Promise<OrgRoutes> => ({ orgId: id, revision: 1, routes });
  const cache = new OrgCache(load, {
    clock: () => 1,
    random: () => 0,
    ttlMs: 60_000,
    maxStaleMs: 60_000,
    loadTimeoutMs: 1000,
    patienceMs: 1000,
    maxKnownOrgs: orgs,
    maxUnknownOrgs: 1,
    onEvict: () => undefined,
    onInvalidate: () => undefined,
    onOutdate: () => undefined,
    onLoad: () => undefined,
    onFlawed: () => undefined,
  });
  for (let index = 0; index < orgs; index += 1) await cache.read(orgId(index));
  const asked = lookups(orgs);
  return {
    operations: asked.length,
    run: async () => {
      let hits = 0;
      for (const id of asked) if ((await cache.read(id)).status === 'hit') hits += 1;
      if (hits !== asked.length) throw new Error('a lookup was no hit');
      return hits;
    },
  };
}

/** Ids as they come out of requests: texts of their own, in no order. */
function lookups(orgs: number): string[] {
  return Array.from({ length: LOOKUPS }, (_, index) =>
    Buffer.from(orgId((index * STRIDE) % orgs)).toString('latin1'),
  );
}
