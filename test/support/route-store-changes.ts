// The part of the conformance suite (route-store-suite.ts) that is about revisions and how changes are told.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { draft } from './routes.js';
import { type StoreUnderTest, assertConflict } from './store-under-test.js';

export function describeChanges(subject: StoreUnderTest): void {
  describe('revisions', () => {
    it('grow with every change, over deletions and new beginnings too', async () => {
      const orgId = randomUUID();
      const seen = [await subject.revisionOf(orgId)];
      for (let round = 0; round < 3; round++) {
        const route = await subject.createOne(orgId, draft('a'));
        seen.push(await subject.revisionOf(orgId));
        const updated = await subject.store.updateRoute(orgId, route.id, draft('b'), route.revision);
        seen.push(await subject.revisionOf(orgId));
        assert.ok(updated !== undefined);
        await subject.store.deleteRoute(orgId, route.id, updated.route.revision);
        seen.push(await subject.revisionOf(orgId));
      }
      for (const [index, revision] of seen.entries()) {
        assert.ok(Number.isSafeInteger(revision));
        if (index > 0) assert.ok(revision > (seen[index - 1] ?? NaN), seen.join(' '));
      }
    });
  });

  describe('changedSince', () => {
    it('without a cursor gives none of what was, and a cursor to begin with', async () => {
      await subject.createOne(randomUUID(), draft('a'));
      const { orgIds, cursor } = await subject.store.changedSince(undefined);
      assert.deepEqual(orgIds, []);
      assert.deepEqual(await subject.store.changedSince(cursor), { orgIds: [], cursor });
    });

    it('gives the orgs that changed, each once, and never again with the next cursor', async () => {
      const [created, updated, deleted, untouched] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
      const toUpdate = await subject.createOne(updated, draft('a'));
      const toDelete = await subject.createOne(deleted, draft('a'));
      const kept = await subject.createOne(untouched, draft('a'));
      const { cursor } = await subject.store.changedSince(undefined);
      await subject.create(created, draft('a'), draft('b'), draft('c', { enabled: false }));
      await subject.store.updateRoute(updated, toUpdate.id, draft('b'), toUpdate.revision);
      await subject.store.deleteRoute(deleted, toDelete.id, toDelete.revision);
      await subject.store.updateRoute(untouched, kept.id, draft('a'), kept.revision);
      await assertConflict(subject.store.updateRoute(untouched, kept.id, draft('b'), 0));
      const changes = await subject.store.changedSince(cursor);
      assert.deepEqual(new Set(changes.orgIds), new Set([created, updated, deleted]));
      assert.equal(changes.orgIds.length, 3);
      assert.deepEqual((await subject.store.changedSince(changes.cursor)).orgIds, []);
      assert.deepEqual(
        (await subject.store.changedSince(cursor)).orgIds.length,
        3,
        'a cursor can be used again',
      );
    });

    it('says for a cursor that it never gave out that every org has changed', async () => {
      await subject.createOne(randomUUID(), draft('a'));
      for (const nonsense of ['nonsense', '-1', '99999999999999999999', '0.5', 'NaN', '😀']) {
        const changes = await subject.store.changedSince(nonsense);
        assert.equal(changes.orgIds, 'all', nonsense);
        assert.deepEqual((await subject.store.changedSince(changes.cursor)).orgIds, []);
      }
    });
  });
}
