// What is different between two versions of a route, field by field. Pure.
import { isDeepStrictEqual } from 'node:util';
import type { RouteToBe } from '../admin/answers.js';

export interface FieldChange {
  /** `then.target_model` */
  readonly path: string;
  /** Undefined: it wasn't there. */
  readonly before: unknown;
  /** Undefined: it is gone. */
  readonly after: unknown;
}

export function changedFields(before: RouteToBe, after: RouteToBe): FieldChange[] {
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((path) => ({ path, before: old.get(path), after: now.get(path) }))
    .filter((change) => !isDeepStrictEqual(change.before, change.after));
}

/** By path, the maps in it taken apart; lists are compared as wholes. */
function fieldsOf({ name, priority, enabled, paused = false, when, then }: RouteToBe): Map<string, unknown> {
  const fields = new Map<string, unknown>();
  const add = (path: string, value: unknown): void => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) fields.set(path, value);
    else for (const [key, member] of Object.entries(value)) add(`${path}.${key}`, member);
  };
  for (const [key, value] of Object.entries({ name, priority, enabled, paused, when, then })) add(key, value);
  return fields;
}
