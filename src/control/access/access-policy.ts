// Who may connect, and which orgs they may ask for. Decided once for a connection, on the main thread, from what the
// kernel says of the peer; the worker that serves it holds it to its orgs.
import type { Peer } from './peer.js';

/** A user or a group, and the orgs that it may ask for. */
export interface OrgGrant {
  readonly kind: 'user' | 'group';
  readonly id: number;
  readonly orgIds: ReadonlySet<string> | 'all';
}

export interface AccessRules {
  /** Empty, like `groupIds`: whoever can reach the socket. */
  readonly userIds: ReadonlySet<number>;
  readonly groupIds: ReadonlySet<number>;
  /** Undefined: whoever may connect may ask for every org. */
  readonly grants: readonly OrgGrant[] | undefined;
}

/** What somebody who may connect may ask for. */
export interface Admission {
  /** Every org, or those of some grants, by their names. */
  readonly grants: 'all' | readonly string[];
}

export class AccessPolicy {
  #rules: AccessRules;

  constructor(rules: AccessRules) {
    this.#rules = rules;
  }

  /** Everybody may connect and ask for everything: nobody needs to be looked at. */
  get isOpen(): boolean {
    const { userIds, groupIds, grants } = this.#rules;
    return userIds.size === 0 && groupIds.size === 0 && grants === undefined;
  }

  /** The orgs of each grant, by its name. */
  get grantedOrgs(): ReadonlyMap<string, ReadonlySet<string> | 'all'> {
    return new Map(this.#rules.grants?.map((grant) => [nameOf(grant), grant.orgIds]));
  }

  /** Goes by the other's rules from now on. */
  adopt(other: AccessPolicy): void {
    this.#rules = other.#rules;
  }

  /**
   * Undefined: it may not connect.
   *
   * @param peer undefined: nothing is known of it.
   */
  admit(peer: Peer | undefined): Admission | undefined {
    if (this.isOpen) return { grants: 'all' };
    if (peer === undefined) return undefined;
    const { userIds, groupIds, grants } = this.#rules;
    const groups = [peer.gid, ...peer.groups];
    const mayConnect = userIds.has(peer.uid) || groups.some((gid) => groupIds.has(gid));
    if (!mayConnect && userIds.size + groupIds.size > 0) return undefined;
    if (grants === undefined) return { grants: 'all' };
    const own = grants.filter(({ kind, id }) => (kind === 'user' ? id === peer.uid : groups.includes(id)));
    return own.length === 0 ? undefined : { grants: own.map(nameOf) };
  }
}

/** The same in every edition of the rules. */
function nameOf({ kind, id }: OrgGrant): string {
  return `${kind} ${id}`;
}

/** Whoever can reach the socket may ask for every org. */
export const OPEN_ACCESS = new AccessPolicy({
  userIds: new Set(),
  groupIds: new Set(),
  grants: undefined,
});
