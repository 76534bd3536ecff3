// How an org's rows become a whole new set of routes: what is deleted, changed and created. The creation order is the
// rows' sequence numbers, which can't be given out again, so a route that has to come behind one that was created
// later is deleted and created anew, under its own id.
import type { Route } from '../../routing/route.js';
import type { Row } from './mysql-session.js';
import { uuidText } from './route-rows.js';

export interface Step {
  readonly kind: 'delete' | 'update' | 'create';
  readonly route: Route;
}

/**
 * @param existing rows of `signalbox_routes`, by `seq`.
 * @param routes the routes that there are to be, in creation order.
 * @returns the steps, to be taken in this order. An update may be of a route that is so already: then it changes nothing.
 */
export function planReplacement(existing: readonly Row[], routes: readonly Route[]): Step[] {
  const seqById = new Map(existing.map((row) => [uuidText(row['id']), Number(row['seq'])]));
  const deletions: Step[] = [];
  const changes: Step[] = [];
  // The order of creation decides between routes of one priority only.
  const newest = new Map<number, number>();
  for (const route of routes) {
    const seq = seqById.get(route.id);
    seqById.delete(route.id);
    if (seq !== undefined && seq > (newest.get(route.priority) ?? 0)) {
      newest.set(route.priority, seq);
      changes.push({ kind: 'update', route });
      continue;
    }
    if (seq !== undefined) deletions.push({ kind: 'delete', route });
    changes.push({ kind: 'create', route });
    // Whatever comes behind a new route was created after it.
    newest.set(route.priority, Infinity);
  }
  for (const id of seqById.keys()) deletions.push({ kind: 'delete', route: nameless(id) });
  return [...deletions, ...changes];
}

/** Of a route that goes, only the id matters. */
function nameless(id: string): Route {
  return { id, name: '', priority: 0, enabled: false, paused: false, when: {}, then: {} };
}
