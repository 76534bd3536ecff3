// The admin API as methods. A revision that is given is sent as If-Match: the change is made only if it is the current one.
import type { DaemonStatus } from '../../admin/backend.js';
import type { PlacedRoute, StoredRoute } from '../../store/route-store.js';
import type { DryRunAnswer, HistoryAnswer, HitsAnswer, OrgAnswer, ReloadAnswer, TapLine } from './answers.js';
import { AdminTransport, type Call, type TransportOptions } from './transport.js';

/** A draft as its writer gives it: whether it can be a route is for the daemon to say. */
export type Draft = Readonly<Record<string, unknown>>;

export class AdminClient implements AsyncDisposable {
  readonly #transport: AdminTransport;

  constructor(options: TransportOptions) {
    this.#transport = new AdminTransport(options);
  }

  async status(): Promise<DaemonStatus> {
    return (await this.#call({ method: 'GET', path: '/v1/status' })) as DaemonStatus;
  }

  /** Reads again what was read at the start. @throws SignalboxError with the reason, and all stays as it was. */
  async reload(): Promise<ReloadAnswer> {
    return (await this.#call({ method: 'POST', path: '/v1/reload' })) as ReloadAnswer;
  }

  /** Disabled ones too. */
  async routes(orgId: string): Promise<OrgAnswer> {
    return (await this.#call({ method: 'GET', path: routesPath(orgId), query: { all: true } })) as OrgAnswer;
  }

  /** How often each route was decided for. */
  async hits(orgId: string): Promise<HitsAnswer> {
    return (await this.#call({ method: 'GET', path: `${orgPath(orgId)}/hits` })) as HitsAnswer;
  }

  /** Decisions as they are made, and once a second how many could not be told. */
  async *decisions(
    { orgId, sample }: { readonly orgId: string | undefined; readonly sample: number },
    ended: AbortSignal,
  ): AsyncGenerator<TapLine> {
    const query = { org_id: orgId, sample };
    for await (const line of this.#transport.lines({ path: '/v1/decisions', query }, ended))
      yield JSON.parse(line) as TapLine;
  }

  async route(orgId: string, routeId: string): Promise<StoredRoute> {
    return (await this.#call({ method: 'GET', path: routesPath(orgId, routeId) })) as StoredRoute;
  }

  async create(orgId: string, draft: Draft): Promise<StoredRoute> {
    return (await this.#call({ method: 'POST', path: routesPath(orgId), body: draft })) as StoredRoute;
  }

  async update(orgId: string, routeId: string, draft: Draft, revision: number): Promise<StoredRoute> {
    const call = { method: 'PUT', path: routesPath(orgId, routeId), body: draft, revision } as const;
    return (await this.#call(call)) as StoredRoute;
  }

  async delete(orgId: string, routeId: string, revision?: number): Promise<void> {
    await this.#call({ method: 'DELETE', path: routesPath(orgId, routeId), revision });
  }

  async pause(orgId: string, routeId: string): Promise<StoredRoute> {
    const path = `${routesPath(orgId, routeId)}/pause`;
    return (await this.#call({ method: 'POST', path })) as StoredRoute;
  }

  async resume(orgId: string, routeId: string): Promise<StoredRoute> {
    const path = `${routesPath(orgId, routeId)}/resume`;
    return (await this.#call({ method: 'POST', path })) as StoredRoute;
  }

  /** What replacing the org's routes by these would do. */
  async plan(orgId: string, routes: readonly PlacedRoute[], revision: number): Promise<DryRunAnswer> {
    const query = { dry_run: true };
    const call = { method: 'PUT', path: routesPath(orgId), query, body: { routes }, revision } as const;
    return (await this.#call(call)) as DryRunAnswer;
  }

  /** Makes these all the org's routes, in creation order. */
  async replace(orgId: string, routes: readonly PlacedRoute[], revision: number): Promise<OrgAnswer> {
    const call = { method: 'PUT', path: routesPath(orgId), body: { routes }, revision } as const;
    return (await this.#call(call)) as OrgAnswer;
  }

  /** @param before only entries of earlier revisions. */
  async history(
    orgId: string,
    { limit, before }: { readonly limit: number; readonly before?: number | undefined },
  ): Promise<HistoryAnswer> {
    const path = `${orgPath(orgId)}/history`;
    return (await this.#call({ method: 'GET', path, query: { limit, before } })) as HistoryAnswer;
  }

  /** Makes the org's routes those of an earlier revision, which makes a new one. */
  async rollback(orgId: string, revision: number): Promise<OrgAnswer> {
    const path = `${orgPath(orgId)}/rollback`;
    return (await this.#call({ method: 'POST', path, body: { revision } })) as OrgAnswer;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#transport[Symbol.asyncDispose]();
  }

  #call(call: Call): Promise<unknown> {
    return this.#transport.call(call);
  }
}

function orgPath(orgId: string): string {
  return `/v1/orgs/${encodeURIComponent(orgId)}`;
}

function routesPath(orgId: string, routeId?: string): string {
  const routes = `${orgPath(orgId)}/routes`;
  return routeId === undefined ? routes : `${routes}/${encodeURIComponent(routeId)}`;
}
