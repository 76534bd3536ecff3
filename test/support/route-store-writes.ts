// The part of the conformance suite (route-store-suite.ts) that is about updates and deletions.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { RouteDraft } from '../../src/routing/route.js';
import { draft } from './routes.js';
import { type StoreUnderTest, assertConflict } from './store-under-test.js';

export function describeWrites(subject: StoreUnderTest): void {
  describe('an update', () => {
    it('changes what its writer says and nothing else, and raises the revisions', async () => {
      const orgId = randomUUID();
      const [first, second] = await subject.create(orgId, draft('a'), draft('b'));
      assert.ok(first !== undefined && second !== undefined);
      const changes = draft('renamed', { priority: 7, enabled: false, when: { has_images: false } });
      const updated = await subject.store.updateRoute(orgId, first.id, changes, first.revision);
      assert.equal(updated?.changed, true);
      const { revision, ...rest } = updated.route;
      assert.deepEqual(structuredClone(rest), { ...changes, id: first.id, paused: false });
      assert.ok(revision > second.revision, 'newer than anything before');
      assert.equal(revision, await subject.revisionOf(orgId));
      assert.deepEqual(await subject.store.getRoute(orgId, first.id), updated.route);
      assert.equal((await subject.store.getRoute(orgId, second.id))?.revision, second.revision);
    });

    it('may give a whole route with changes in it', async () => {
      const orgId = randomUUID();
      const route = await subject.createOne(orgId, draft('a'));
      const given = { ...route, name: 'b', paused: true, id: randomUUID() } as RouteDraft;
      const updated = await subject.store.updateRoute(orgId, route.id, given, route.revision);
      assert.deepEqual(
        [updated?.route.id, updated?.route.name, updated?.route.paused],
        [route.id, 'b', false],
      );
      assert.equal(updated?.route.revision, await subject.revisionOf(orgId));
    });

    it('that says what is there already changes nothing, in whatever order it says it', async () => {
      const orgId = randomUUID();
      const effects = { a: 1, b: { c: 2, d: 3 } };
      const route = await subject.createOne(
        orgId,
        draft('a', { when: { has_images: true, tag_equals: 't' }, then: { target_model: 'm', effects } }),
      );
      const same = draft('a', {
        then: { effects: { b: { d: 3, c: 2 }, a: 1 }, target_model: 'm' },
        when: { tag_equals: 't', has_images: true },
      });
      const { cursor } = await subject.store.changedSince(undefined);
      const updated = await subject.store.updateRoute(orgId, route.id, same, route.revision);
      assert.equal(updated?.changed, false);
      assert.deepEqual(structuredClone(updated.route), structuredClone(route));
      assert.equal(await subject.revisionOf(orgId), route.revision);
      assert.deepEqual((await subject.store.changedSince(cursor)).orgIds, []);
    });

    it('that only reaches a bound of 0, a false or a null is a change', async () => {
      const orgId = randomUUID();
      let route = await subject.createOne(orgId, draft('a'));
      for (const when of [{ input_tokens_lt: 0 }, { input_tokens_lt: null }, { has_images: false }, {}]) {
        const updated = await subject.store.updateRoute(
          orgId,
          route.id,
          draft('a', { when }),
          route.revision,
        );
        assert.equal(updated?.changed, true, JSON.stringify(when));
        assert.deepEqual(structuredClone(updated.route.when), when);
        route = updated.route;
      }
    });

    it('of nothing but case, accents or blanks at the end is a change', async () => {
      const orgId = randomUUID();
      let route = await subject.createOne(orgId, draft('resume'));
      for (const name of ['Resume', 'Résumé', 'Résumé ', 'Re\u0301sume\u0301 ']) {
        for (const change of [
          { name },
          { name, when: { tag_equals: name } },
          { name, when: { tag_equals: name }, then: { target_model: name } },
        ]) {
          const next = draft(name, change);
          const { cursor } = await subject.store.changedSince(undefined);
          const updated = await subject.store.updateRoute(orgId, route.id, next, route.revision);
          assert.equal(updated?.changed, true, JSON.stringify(change));
          assert.deepEqual(structuredClone(await subject.store.getRoute(orgId, route.id)), {
            ...{ ...next, id: route.id, paused: false, revision: updated.route.revision },
          });
          assert.deepEqual((await subject.store.changedSince(cursor)).orgIds, [orgId]);
          route = updated.route;
        }
      }
    });

    it('keeps the place of its route among those of equal priority', async () => {
      const orgId = randomUUID();
      const [first] = await subject.create(orgId, draft('a'), draft('b'));
      assert.ok(first !== undefined);
      await subject.store.updateRoute(orgId, first.id, draft('a, renamed'), first.revision);
      assert.deepEqual(await subject.names(orgId, 'all'), ['a, renamed', 'b']);
    });
  });

  describe('a write', () => {
    it('that names another revision than the present one is a conflict, and changes nothing', async () => {
      const orgId = randomUUID();
      const route = await subject.createOne(orgId, draft('a'));
      await subject.store.updateRoute(orgId, route.id, draft('b'), route.revision);
      const present = await subject.revisionOf(orgId);
      for (const revision of [route.revision, present + 1, 0, -1]) {
        await assertConflict(subject.store.updateRoute(orgId, route.id, draft('c'), revision));
        // Not even one that would change nothing is let through.
        await assertConflict(subject.store.updateRoute(orgId, route.id, draft('b'), revision));
        await assertConflict(subject.store.deleteRoute(orgId, route.id, revision));
      }
      assert.deepEqual(await subject.names(orgId, 'all'), ['b']);
      assert.equal(await subject.revisionOf(orgId), present);
    });

    it('needs the revision of its route, which changes of other routes leave alone', async () => {
      const orgId = randomUUID();
      const route = await subject.createOne(orgId, draft('a'));
      await subject.createOne(orgId, draft('b'));
      const updated = await subject.store.updateRoute(orgId, route.id, draft('c'), route.revision);
      assert.equal(updated?.changed, true);
    });

    it('is taken from one of two writers at a time', async () => {
      const orgId = randomUUID();
      const route = await subject.createOne(orgId, draft('a'));
      const outcomes = await Promise.allSettled(
        ['b', 'c', 'd'].map((name) =>
          subject.store.updateRoute(orgId, route.id, draft(name), route.revision),
        ),
      );
      assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected', 'rejected']);
    });

    it('never reaches a route of another org', async () => {
      const [orgId, other] = [randomUUID(), randomUUID()];
      const route = await subject.createOne(orgId, draft('a'));
      await subject.createOne(other, draft('b'));
      assert.equal(await subject.store.getRoute(other, route.id), undefined);
      assert.equal(await subject.store.updateRoute(other, route.id, draft('c'), route.revision), undefined);
      assert.equal(await subject.store.deleteRoute(other, route.id, route.revision), false);
      assert.deepEqual(await subject.names(orgId, 'all'), ['a']);
      assert.deepEqual(await subject.names(other, 'all'), ['b']);
    });

    it('of a route that is not there says so, whatever revision it names', async () => {
      const orgId = randomUUID();
      assert.equal(await subject.store.updateRoute(orgId, randomUUID(), draft('a'), 1), undefined);
      assert.equal(await subject.store.deleteRoute(orgId, randomUUID(), 1), false);
      assert.equal(await subject.revisionOf(orgId), 0);
    });
  });

  describe('a deleted route', () => {
    it('is gone, and deleting it again is false', async () => {
      const orgId = randomUUID();
      const [first, second] = await subject.create(orgId, draft('a'), draft('b'));
      assert.ok(first !== undefined && second !== undefined);
      assert.equal(await subject.store.deleteRoute(orgId, first.id, first.revision), true);
      assert.deepEqual(await subject.names(orgId, 'all'), ['b']);
      assert.equal(await subject.store.getRoute(orgId, first.id), undefined);
      assert.equal(await subject.store.deleteRoute(orgId, first.id, first.revision), false);
    });

    it('leaves its org with an empty list of a higher revision if it was the last', async () => {
      const orgId = randomUUID();
      const route = await subject.createOne(orgId, draft('a'));
      await subject.store.deleteRoute(orgId, route.id, route.revision);
      const { routes, revision } = await subject.store.listForOrg(orgId);
      assert.deepEqual(routes, []);
      assert.ok(revision > route.revision);
    });
  });
}
