// Routes for tests that only care that there are some.
import { randomUUID } from 'node:crypto';
import type { Route, RouteDraft } from '../../src/routing/route.js';

/** A draft that matches everything and sends it to `target-NAME`. */
export function draft(name: string, changes: Partial<RouteDraft> = {}): RouteDraft {
  return {
    name,
    priority: 100,
    enabled: true,
    when: {},
    then: { target_model: `target-${name}` },
    ...changes,
  };
}

export function route(name: string, changes: Partial<Route> = {}): Route {
  return { id: randomUUID(), paused: false, ...draft(name), ...changes };
}

/** `org(7)`: a UUID that is easy to recognise in a failure. */
export function org(number: number): string {
  return `0190a000-0000-7000-8000-${String(number).padStart(12, '0')}`;
}
