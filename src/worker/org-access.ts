// The orgs that one client may ask for, where not every client may ask for every org. Whose they are was decided on
// the main thread, by what the kernel says of the client.

export type GrantedOrgs = readonly (ReadonlySet<string> | 'all')[];

export class OrgAccess {
  readonly #granted: GrantedOrgs;

  /** @param grants positions in `granted` that are the client's. */
  constructor(granted: GrantedOrgs, grants: readonly number[]) {
    this.#granted = grants.map((position) => granted[position] ?? new Set());
  }

  includes(orgId: string): boolean {
    return this.#granted.some((orgIds) => orgIds === 'all' || orgIds.has(orgId));
  }
}
