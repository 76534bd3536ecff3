// What writing through the file store must not reach: the ids of routes that the file gives none, and what anchors and
// aliases share.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RouteFileFixture } from '../support/route-file-fixture.js';
import { draft, org } from '../support/routes.js';
import { assertConflict } from '../support/store-under-test.js';

describe('the ids of a file that gives none, when it is written to', () => {
  const named = (...names: readonly string[]): string =>
    `orgs:\n  ${org(1)}:\n${names.map((name) => `    - name: ${name}\n      then: { target_model: m }\n`).join('')}`;

  const ids = async (fixture: RouteFileFixture): Promise<string[]> =>
    (await fixture.store.listAllForOrg(org(1))).routes.map(({ id }) => id);

  it('stay with a route that is renamed', async () => {
    await using fixture = await RouteFileFixture.open(named('a', 'b'));
    const before = await ids(fixture);
    const a = await fixture.routeNamed(org(1), 'a');
    // To a name that is there already: now both would depend on their position.
    await fixture.store.updateRoute(org(1), a.id, { ...a, name: 'b' }, a.revision);
    assert.deepEqual(await ids(fixture), before);
    await fixture.reopen();
    assert.deepEqual(await ids(fixture), before);
  });

  it('stay with the others when one of those with the same name is deleted or renamed', async () => {
    await using fixture = await RouteFileFixture.open(named('first', 'twice', 'twice', 'twice'));
    const [first = '', second = '', third = '', fourth = ''] = await ids(fixture);
    const write = async (id: string, newName?: string): Promise<void> => {
      const route = await fixture.store.getRoute(org(1), id);
      assert.ok(route !== undefined);
      if (newName === undefined) await fixture.store.deleteRoute(org(1), id, route.revision);
      else await fixture.store.updateRoute(org(1), id, { ...route, name: newName }, route.revision);
    };
    await write(third, 'once');
    assert.deepEqual(await ids(fixture), [first, second, third, fourth]);
    await write(second);
    assert.deepEqual(await ids(fixture), [first, third, fourth]);
    await write(first);
    await fixture.reopen();
    assert.deepEqual(await ids(fixture), [third, fourth]);
  });

  it('stay with the others when a route of another name, on which their positions depend, is deleted', async () => {
    await using fixture = await RouteFileFixture.open(named('first', 'twice', 'twice'));
    const [first = '', ...others] = await ids(fixture);
    await fixture.store.deleteRoute(org(1), first, await fixture.revisionOf(org(1)));
    assert.deepEqual(await ids(fixture), others);
  });

  it('stay with the others when a route of the same name is created', async () => {
    await using fixture = await RouteFileFixture.open(named('a'));
    const before = await ids(fixture);
    const { id } = await fixture.createOne(org(1), draft('a'));
    assert.deepEqual(await ids(fixture), [...before, id]);
  });
});

describe('a file with anchors and aliases', () => {
  const shared = `orgs:
  ${org(1)}:
    - name: a
      when: &when { model_in: &models [gpt-4o] }
      then: { target_model: m, fallbacks: *models }
    - &whole { name: b, when: *when, then: { target_model: m } }
    - { name: c, then: { target_model: m } }
  ${org(2)}:
    - *whole
  ${org(3)}: &list
    - { name: d, then: { target_model: m } }
  ${org(4)}: *list
`;

  it('is written to where that reaches nothing else', async () => {
    await using fixture = await RouteFileFixture.open(shared);
    const c = await fixture.routeNamed(org(1), 'c');
    await fixture.store.updateRoute(org(1), c.id, { ...c, priority: 1 }, c.revision);
    await fixture.createOne(org(1), draft('new'));
    const a = await fixture.routeNamed(org(1), 'a');
    await fixture.store.updateRoute(org(1), a.id, { ...a, name: 'a, renamed' }, a.revision);
    assert.deepEqual(await fixture.names(org(1)), ['a, renamed', 'b', 'new', 'c']);
    assert.match(await fixture.text(), /&whole .*\n[^]*\*whole\n/);
  });

  it('is not written to where an edit would change another route, or leave an alias of nothing', async () => {
    await using fixture = await RouteFileFixture.open(shared);
    for (const [orgId, name] of [
      [org(1), 'b'],
      [org(2), 'b'],
      [org(3), 'd'],
      [org(4), 'd'],
    ] as const) {
      const route = await fixture.routeNamed(orgId, name);
      const renamed = { ...route, name: 'renamed' };
      await assertConflict(fixture.store.updateRoute(orgId, route.id, renamed, route.revision));
      if (orgId !== org(2)) await assertConflict(fixture.store.deleteRoute(orgId, route.id, route.revision));
    }
    const a = await fixture.routeNamed(org(1), 'a');
    await assertConflict(fixture.store.updateRoute(org(1), a.id, { ...a, when: {} }, a.revision));
    await assertConflict(fixture.store.deleteRoute(org(1), a.id, a.revision));
    await assertConflict(fixture.createOne(org(3), draft('new')));
    await assertConflict(fixture.createOne(org(4), draft('new')));
    assert.equal(await fixture.text(), shared);
  });
});
