// What the tests of route stores do again and again with the store that they are about.
import assert from 'node:assert/strict';
import type { RouteDraft } from '../../src/routing/route.js';
import type { RouteStore, StoredRoute } from '../../src/store/route-store.js';

export class StoreUnderTest {
  readonly #store: () => RouteStore;

  /** @param store is asked anew at every use: a suite is described before its store is open. */
  constructor(store: () => RouteStore) {
    this.#store = store;
  }

  get store(): RouteStore {
    return this.#store();
  }

  /** Creates the routes one after the other. */
  async create(orgId: string, ...drafts: readonly RouteDraft[]): Promise<StoredRoute[]> {
    const routes: StoredRoute[] = [];
    for (const each of drafts) routes.push(await this.store.createRoute(orgId, each));
    return routes;
  }

  createOne(orgId: string, draft: RouteDraft): Promise<StoredRoute> {
    return this.store.createRoute(orgId, draft);
  }

  /** The names of the org's routes, in the order of the list. */
  async names(orgId: string, which: 'enabled' | 'all' = 'all'): Promise<string[]> {
    const list = which === 'all' ? this.store.listAllForOrg(orgId) : this.store.listForOrg(orgId);
    return (await list).routes.map((route) => route.name);
  }

  async revisionOf(orgId: string): Promise<number> {
    const enabled = await this.store.listForOrg(orgId);
    const all = await this.store.listAllForOrg(orgId);
    assert.equal(enabled.revision, all.revision, 'both lists are of one revision');
    return all.revision;
  }

  /** The route of that name, which is there once. */
  async routeNamed(orgId: string, name: string): Promise<StoredRoute> {
    const { routes } = await this.store.listAllForOrg(orgId);
    const [route, another] = routes.filter((each) => each.name === name);
    assert.ok(route !== undefined && another === undefined, `one route named ${name}`);
    return route;
  }
}

export async function assertConflict(writing: Promise<unknown>): Promise<void> {
  await assert.rejects(writing, { name: 'SignalboxError', code: 'conflict' });
}
