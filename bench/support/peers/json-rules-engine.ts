// json-rules-engine: a rule for each route, in the routes' order by priority, and stopped at the first that holds. Its
// comparisons of numbers refuse facts that are no numbers, so what isn't known fails them, as it must.
import { Engine, type RuleProperties } from 'json-rules-engine';
import type { Route } from '../../../src/routing/route.js';
import { type ConditionTest, conditionTests } from './condition-tests.js';
import type { Peer } from './peer.js';

export const jsonRulesEngine: Peer = (routes) => {
  const engine = new Engine([], { allowUndefinedFacts: true });
  routes.forEach((route, index) => engine.addRule(ruleOf(route, routes.length - index)));
  engine.on('success', () => {
    engine.stop();
  });
  return async (request) => {
    const { events } = await engine.run({ ...request });
    return events[0]?.type ?? null;
  };
};

function ruleOf(route: Route, priority: number): RuleProperties {
  return {
    priority,
    event: { type: route.name },
    conditions: { all: conditionTests(route).map(condition) },
  };
}

function condition(test: ConditionTest): { fact: string; operator: string; value: unknown } {
  const { signal: fact } = test;
  switch (test.kind) {
    case 'less':
      return { fact, operator: 'lessThan', value: test.bound };
    case 'greater':
      return { fact, operator: 'greaterThan', value: test.bound };
    case 'equal':
      return { fact, operator: 'equal', value: test.bound };
    case 'member':
      return { fact, operator: 'in', value: test.members };
  }
}
