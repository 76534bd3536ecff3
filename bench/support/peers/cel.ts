// @marcbachmann/cel-js: an expression for each route, parsed and checked once, evaluated in order until one holds.
// Measured and left: all routes in one conditional expression (as fast for twenty, slower for a thousand), and a map
// with `has(r.tag) &&` before each comparison (half as fast). Instead each signal is a typed variable, and one that
// isn't known has a value that satisfies nothing.
import { Environment } from '@marcbachmann/cel-js';
import type { ResolveRequest } from '../../../src/routing/request.js';
import { type ConditionTest, conditionTests } from './condition-tests.js';
import type { Peer } from './peer.js';

const TEXTS = ['model', 'tag', 'content_type'] as const;
const NUMBERS = ['input_tokens', 'estimated_cost_usd', 'upstream_p95_ms'] as const;
/** As texts, for `unknown` is neither true nor false. */
const FLAGS = ['has_images', 'has_audio', 'has_documents', 'reasoning_class'] as const;

export const cel: Peer = (routes) => {
  const environment = new Environment();
  for (const name of [...TEXTS, ...FLAGS]) environment.registerVariable(name, 'string');
  for (const name of NUMBERS) environment.registerVariable(name, 'double');
  const rows = routes.map((route) => ({
    name: route.name,
    holds: environment.parse(conditionTests(route).map(comparison).join(' && ') || 'true'),
  }));
  return (request) => {
    const variables = variablesOf(request);
    for (const { name, holds } of rows) if (holds(variables) === true) return name;
    return null;
  };
};

/** A text that nobody writes stands for one that isn't known, and NaN for such a number. */
function variablesOf(request: ResolveRequest): Record<string, string | number> {
  return {
    model: request.model,
    tag: request.tag ?? '\0',
    content_type: request.content_type ?? '\0',
    input_tokens: request.input_tokens ?? NaN,
    estimated_cost_usd: request.estimated_cost_usd ?? NaN,
    upstream_p95_ms: request.upstream_p95_ms ?? NaN,
    has_images: String(request.has_images),
    has_audio: String(request.has_audio),
    has_documents: String(request.has_documents),
    reasoning_class: String(request.reasoning_class),
  };
}

function comparison(test: ConditionTest): string {
  const { signal } = test;
  switch (test.kind) {
    case 'less':
      return `${signal} < ${double(test.bound)}`;
    case 'greater':
      return `${signal} > ${double(test.bound)}`;
    case 'equal':
      return `${signal} == ${JSON.stringify(String(test.bound))}`;
    case 'member': {
      const [only, ...others] = test.members.map((member) => JSON.stringify(member));
      return others.length === 0
        ? `${signal} == ${only ?? '""'}`
        : `${signal} in [${[only, ...others].join(', ')}]`;
    }
  }
}

/** JavaScript's numbers are doubles to it, and a double's literal has a point. */
function double(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
