// Who may connect, and which orgs each may ask for.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AccessPolicy, type AccessRules, OPEN_ACCESS } from '../../../src/control/access/access-policy.js';

const peer = { uid: 1000, gid: 100, groups: [200, 300] };

function policy(rules: Partial<AccessRules>): AccessPolicy {
  return new AccessPolicy({ userIds: new Set(), groupIds: new Set(), grants: undefined, ...rules });
}

describe('an access policy', () => {
  it('without rules lets in everybody, known or not, for every org', () => {
    assert.ok(OPEN_ACCESS.isOpen);
    assert.deepEqual(OPEN_ACCESS.admit(undefined), { grants: 'all' });
  });

  it('with rules lets in nobody of whom nothing is known', () => {
    assert.equal(policy({ userIds: new Set([1000]) }).admit(undefined), undefined);
  });

  it('lets in a user, a group or a supplementary group that is named, and nobody else', () => {
    const all = { grants: 'all' };
    assert.deepEqual(policy({ userIds: new Set([1000]) }).admit(peer), all);
    assert.deepEqual(policy({ groupIds: new Set([100]) }).admit(peer), all);
    assert.deepEqual(policy({ groupIds: new Set([300]) }).admit(peer), all);
    assert.deepEqual(policy({ userIds: new Set([1]), groupIds: new Set([200]) }).admit(peer), all);
    assert.equal(policy({ userIds: new Set([100]), groupIds: new Set([1000]) }).admit(peer), undefined);
    assert.equal(policy({ userIds: new Set([0]) }).admit(peer), undefined);
    assert.equal(policy({ userIds: new Set([1000]) }).admit({ uid: 0, gid: 0, groups: [] }), undefined);
  });

  it('gives a peer the orgs of all its grants, and turns away one without any', () => {
    const grants = [
      { kind: 'user', id: 1000, orgIds: new Set(['a']) },
      { kind: 'group', id: 1000, orgIds: new Set(['b']) },
      { kind: 'group', id: 200, orgIds: new Set(['c']) },
    ] as const;
    assert.deepEqual(policy({ grants }).admit(peer), { grants: ['user 1000', 'group 200'] });
    assert.equal(policy({ grants }).admit({ uid: 1, gid: 1, groups: [] }), undefined);
    assert.equal(policy({ grants: [] }).admit(peer), undefined);
    assert.equal(policy({ grants, userIds: new Set([5]) }).admit(peer), undefined, 'both must let it in');
  });

  it('names its grants the same in every edition of the rules', () => {
    const a = { kind: 'user', id: 1000, orgIds: new Set(['a']) } as const;
    const b = { kind: 'group', id: 300, orgIds: 'all' } as const;
    const before = policy({ grants: [a, b] });
    assert.deepEqual(before.admit(peer), { grants: ['user 1000', 'group 300'] });
    before.adopt(policy({ grants: [b] }));
    assert.deepEqual(before.admit(peer), { grants: ['group 300'] });
    assert.deepEqual([...before.grantedOrgs], [['group 300', 'all']]);
  });
});
