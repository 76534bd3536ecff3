// A store in memory of very many orgs with 20 typical routes each, at next to no cost of its own, so that what is
// measured is the daemon around it: of an org it keeps the revision. Routes are made when they are read, as a database's
// are: every org's are its own, and made of JSON. At an odd revision an org has one set of rules, at an even one another.
import { ChangeLog } from '../../src/store/change-log.js';
import { MemoryStore } from '../../src/store/memory-store.js';
import type { Changes, OrgRoutes } from '../../src/store/route-store.js';
import { orgId } from './payloads.js';
import { TYPICAL_RULES, routesOf } from './typical.js';

export class ManyOrgsStore extends MemoryStore {
  readonly #revisions: Map<string, number>;
  readonly #log = new ChangeLog();
  readonly #json: readonly [even: string, odd: string];

  constructor(orgs: number) {
    super();
    this.#revisions = new Map(Array.from({ length: orgs }, (_, index) => [orgId(1 + index), 1]));
    const routes = routesOf(TYPICAL_RULES).map((route) => ({ ...route, revision: 1 }));
    const changed = routes.map((route, index) => (index === 0 ? { ...route, name: 'changed' } : route));
    this.#json = [JSON.stringify(changed), JSON.stringify(routes)];
  }

  /** Somebody has written one of the org's routes. */
  change(id: string): void {
    this.#revisions.set(id, (this.#revisions.get(id) ?? 0) + 1);
    this.#log.add(id);
  }

  override async listForOrg(id: string): Promise<OrgRoutes> {
    const revision = this.#revisions.get(id) ?? 0;
    if (revision === 0) return { orgId: id, revision, routes: [] };
    const json = this.#json[revision % 2 === 0 ? 0 : 1];
    return { orgId: id, revision, routes: JSON.parse(json) as OrgRoutes['routes'] };
  }

  override async changedSince(cursor: string | undefined): Promise<Changes> {
    return this.#log.since(cursor);
  }
}
