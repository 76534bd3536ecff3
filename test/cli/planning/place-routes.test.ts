// Which ids the routes of a file get, and where they come to stand among those that an org has.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mergeRoutes, placeRoutes } from '../../../src/cli/planning/place-routes.js';
import { nameBasedRouteId } from '../../../src/store/route-id.js';

const ORG = '0190a000-0000-7000-8000-000000000001';
const id = (n: number): string => `0190a000-0000-7000-8000-0000000000a${n}`;
const draft = { priority: 100, enabled: true, when: {}, then: { target_model: 'a' } };
const stored = (n: number, name: string) => ({ ...draft, id: id(n), name, paused: false, revision: n });
const unnamed = (name: string) => ({ ...draft, id: nameBasedRouteId(ORG, name), name });

describe('placing routes', () => {
  test('gives a route without an id of its own the one that its namesake has', () => {
    const [placed] = placeRoutes(ORG, [unnamed('a')], [stored(1, 'a'), stored(2, 'b')]);
    assert.equal(placed?.id, id(1));
  });

  test('never changes an id that the file gives', () => {
    const [placed] = placeRoutes(ORG, [{ ...draft, id: id(9), name: 'a' }], [stored(1, 'a')]);
    assert.equal(placed?.id, id(9));
  });

  test('keeps the id made of the name where the org has that very route', () => {
    const known = { ...stored(2, 'a'), id: nameBasedRouteId(ORG, 'a') };
    const [placed] = placeRoutes(ORG, [unnamed('a')], [stored(1, 'a'), known]);
    assert.equal(placed?.id, known.id);
  });

  test('does not guess where a name repeats, or where the namesake is spoken for', () => {
    const same = unnamed('a');
    assert.equal(placeRoutes(ORG, [same], [stored(1, 'a'), stored(2, 'a')])[0]?.id, same.id);
    const twice = [0, 1].map((n) => ({ ...draft, id: nameBasedRouteId(ORG, `a\n${n}`), name: 'a' }));
    assert.deepEqual(placeRoutes(ORG, twice, [stored(1, 'a')]), twice);
    const spokenFor = [{ ...draft, id: id(1), name: 'b' }, same];
    assert.deepEqual(placeRoutes(ORG, spokenFor, [stored(1, 'a')]), spokenFor);
  });

  test('merging puts changed routes in their place and new ones behind', () => {
    const changed = { ...draft, id: id(1), name: 'changed' };
    const added = { ...draft, id: id(3), name: 'new' };
    const merged = mergeRoutes([stored(1, 'a'), stored(2, 'b')], [added, changed]);
    assert.deepEqual(
      merged.map(({ name }) => name),
      ['changed', 'b', 'new'],
    );
    assert.ok(merged.every((route) => !('revision' in route)));
  });
});
