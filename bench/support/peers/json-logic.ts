// json-logic-js, and the JsonLogic that flagd's targeting is written in: one `if` with a branch for each route.
import jsonLogic, { type RulesLogic } from 'json-logic-js';
import type { Route } from '../../../src/routing/route.js';
import { type ConditionTest, conditionTests } from './condition-tests.js';
import type { Peer } from './peer.js';

/** Above every bound that a route can have. */
const UNKNOWN = 1e308;

export const jsonLogicJs: Peer = (routes) => {
  const logic = firstMatch(routes) as RulesLogic;
  return (request) => jsonLogic.apply(logic, request) as string | null;
};

/** The name of the first route whose conditions hold, or null. */
export function firstMatch(routes: readonly Route[]): unknown {
  return { if: [...routes.flatMap((route) => [allOf(conditionTests(route)), route.name]), null] };
}

function allOf(tests: readonly ConditionTest[]): unknown {
  const [only, ...others] = tests.map(expression);
  if (only === undefined) return true;
  return others.length === 0 ? only : { and: [only, ...others] };
}

function expression(test: ConditionTest): unknown {
  switch (test.kind) {
    case 'less':
      // A signal that isn't there is null, which is less than anything; so it gets a default.
      return { '<': [{ var: [test.signal, UNKNOWN] }, test.bound] };
    case 'greater':
      return { '>': [{ var: test.signal }, test.bound] };
    case 'equal':
      return { '===': [{ var: test.signal }, test.bound] };
    case 'member': {
      const [only, ...others] = test.members;
      return others.length === 0
        ? { '===': [{ var: test.signal }, only] }
        : { in: [{ var: test.signal }, test.members] };
    }
  }
}
