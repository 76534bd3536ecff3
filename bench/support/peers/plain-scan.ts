// The obvious engine, as fast as it can be written: an org's routes in a list, looked at one after the other. What the
// index is compared with.
import type { ResolveRequest } from '../../../src/routing/request.js';
import { type ConditionTest, conditionTests } from './condition-tests.js';
import type { Peer } from './peer.js';

export const plainScan: Peer = (routes) => {
  const rows = routes.map((route) => ({ name: route.name, tests: conditionTests(route) }));
  return (request) => {
    nextRow: for (const { name, tests } of rows) {
      for (const test of tests) if (!holds(test, request)) continue nextRow;
      return name;
    }
    return null;
  };
};

function holds(test: ConditionTest, request: ResolveRequest): boolean {
  const value = request[test.signal];
  switch (test.kind) {
    case 'less':
      return typeof value === 'number' && value < test.bound;
    case 'greater':
      return typeof value === 'number' && value > test.bound;
    case 'equal':
      return value === test.bound;
    case 'member':
      return test.members.includes(value as string);
  }
}
