// Request + table → decision. This is the hot path: pure, synchronous, and nothing is allocated for a request, but
// for the lower-cased prompt where an org has keywords. Run the bench before changing it.
import type { ResolveRequest } from './request.js';
import {
  type ConditionTest,
  FIRST_ROUTE,
  NO_MATCH,
  NO_SUCH_ROUTE,
  type Outcome,
  type Table,
} from './table.js';

/** The outcome of a request: that of the first route whose every active condition holds. */
export function resolve(table: Table, request: ResolveRequest): Outcome {
  const outcome = table.outcomes[select(table, request)];
  if (outcome === undefined) throw new Error('a table must have an outcome for each of its rows');
  return outcome;
}

/** The same, as the outcome's place in `table.outcomes`: whoever prepared answers for a table needs only that. */
export function select(table: Table, request: ResolveRequest): number {
  const { rows } = table;
  if (request.force_route !== undefined) return selectForced(table, request.force_route);
  // Lower-casing is of the whole text at once, for final sigma depends on what stands around it.
  let prompt: string | undefined;
  nextRow: for (let index = 0; index < rows.length; index += 1) {
    // The index is in range; the type only says so for iterators, which cost more here.
    for (const test of rows[index]?.tests ?? []) {
      if (test.kind === 'contains') {
        prompt ??= request.prompt?.toLowerCase();
        if (prompt === undefined || !containsAny(prompt, test.keywords)) continue nextRow;
      } else if (!holds(test, request)) {
        continue nextRow;
      }
    }
    return FIRST_ROUTE + index;
  }
  return NO_MATCH;
}

/** The first route of that name, whatever its conditions. */
function selectForced({ rows }: Table, name: string): number {
  const index = rows.findIndex((row) => row.name === name);
  return index === -1 ? NO_SUCH_ROUTE : FIRST_ROUTE + index;
}

/** A signal that the request doesn't carry satisfies nothing, `false` included. */
function holds(test: Exclude<ConditionTest, { kind: 'contains' }>, request: ResolveRequest): boolean {
  switch (test.kind) {
    case 'less': {
      const value = request[test.signal];
      return value !== undefined && value < test.bound;
    }
    case 'greater': {
      const value = request[test.signal];
      return value !== undefined && value > test.bound;
    }
    case 'equal':
      return request[test.signal] === test.bound;
    case 'member': {
      const value = request[test.signal];
      return value !== undefined && test.members.includes(value);
    }
  }
}

function containsAny(prompt: string, keywords: readonly string[]): boolean {
  for (const keyword of keywords) if (prompt.includes(keyword)) return true;
  return false;
}
