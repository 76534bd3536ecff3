// An org's routes as the cache keeps them: that packing loses nothing, and that a table is compiled once.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KeptRoutes } from '../../../src/control/cache/kept-routes.js';
import { OrgCache } from '../../../src/control/cache/org-cache.js';
import { SharedTable } from '../../../src/protocol/shared-table.js';
import type { Effects } from '../../../src/routing/route.js';
import type { OrgRoutes } from '../../../src/store/route-store.js';
import { draft, org, route } from '../../support/routes.js';
import { ScriptedStore } from '../../support/scripted-store.js';
import { cacheOptions } from '../../support/cache-options.js';

const ORG = org(1);

function routesAt(revision: number, name = 'ümläut 🚦 \ud800'): OrgRoutes {
  const effects = JSON.parse('{"__proto__":{"redact":true},"constructor":[1e300,-5e-324,""]}') as Effects;
  const one = {
    ...route(name, { id: org(9), when: { model_in: ['ß'] }, then: { ...draft('x').then, effects } }),
    revision,
  };
  return { orgId: ORG, revision, epoch: 3, routes: [one], refused: [{ routeId: 'x', message: 'no route' }] };
}

describe('kept routes', () => {
  it('are, unpacked, what was read', () => {
    const read = routesAt(7);
    const kept = new KeptRoutes(read);
    assert.deepEqual(kept.unpack(), read);
    assert.equal(kept.json, JSON.stringify(read));
    assert.deepEqual([kept.orgId, kept.revision, kept.epoch, kept.size, kept.isFlawed], [ORG, 7, 3, 1, true]);
  });

  it('are the same if everything about them is', () => {
    const kept = new KeptRoutes(routesAt(7));
    assert.ok(kept.isSameAs(new KeptRoutes(routesAt(7))));
    assert.ok(!kept.isSameAs(new KeptRoutes(routesAt(8))));
    assert.ok(!kept.isSameAs(new KeptRoutes(routesAt(7, 'other'))));
  });

  it('have one table, the same whether they were packed before it was compiled or not', () => {
    const kept = new KeptRoutes(routesAt(7));
    const table = kept.table();
    assert.equal(kept.table(), table);
    const packed = new KeptRoutes(routesAt(7)).pack().table();
    assert.deepEqual(Buffer.from(packed), Buffer.from(table));
    assert.equal(new SharedTable(packed).routeIdOf(2), routesAt(7).routes[0]?.id);
  });

  it('share a table if there are none, however many orgs', () => {
    const none = (orgId: string): KeptRoutes => new KeptRoutes({ orgId, revision: 0, routes: [] });
    assert.equal(none(org(1)).table(), none(org(2)).table());
  });
});

describe('an org cache that reads what it has', () => {
  it('keeps the table that is compiled, and makes it fresh', async () => {
    let nowMs = 1000;
    const store = new ScriptedStore();
    const cache = new OrgCache((orgId) => store.listForOrg(orgId), cacheOptions({ clock: () => nowMs }));
    store.setRoutes(ORG, [route('a')]);
    const read = async (): Promise<{ readonly table: SharedArrayBuffer; readonly untilMs: number }> => {
      const answer = await cache.refresh(ORG);
      assert.ok(answer.status !== 'unavailable');
      return { table: answer.routes.table(), untilMs: answer.untilMs };
    };
    const first = await read();
    nowMs += 59_000;
    const again = await read();
    assert.equal(store.loadsOf(ORG), 2);
    assert.equal(again.table, first.table);
    assert.equal(again.untilMs, first.untilMs + 59_000);
    store.setRoutes(ORG, [route('b')]);
    nowMs += 59_000;
    assert.notEqual((await read()).table, first.table);
  });
});
