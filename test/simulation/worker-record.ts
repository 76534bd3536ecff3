// What one worker has been told, as far as its decisions must go by it.
import type { OrgRoutes } from '../../src/store/route-store.js';
import type { StoreRead } from './simulated-store.js';

/** What it was told of one org last. */
export interface Held {
  readonly routes: OrgRoutes;
  readonly stale: boolean;
  /** Undefined: the daemon began with these routes. */
  readonly read: StoreRead | undefined;
  readonly saidMs: number;
  readonly toldMs: number;
  isExpired: boolean;
}

/** It was told that what it holds of an org is out of date. */
export interface Expiry {
  readonly toldMs: number;
  readonly invalidatedMs: number;
}

export class WorkerRecord {
  readonly held = new Map<string, Held>();
  /** All orgs that it keeps anything of. */
  readonly kept = new Set<string>();
  readonly expiries = new Map<string, Expiry>();
  /** What it last decided by. */
  readonly decidedBy = new Map<string, Held>();
  busyMs = 0;

  hold(orgId: string, held: Held): void {
    this.held.set(orgId, held);
    this.kept.add(orgId);
  }

  /** There are no routes of that org to be had. */
  holdNone(orgId: string): void {
    this.held.delete(orgId);
    this.kept.add(orgId);
  }

  expire(orgId: string, expiry: Expiry): void {
    const held = this.held.get(orgId);
    if (held !== undefined) held.isExpired = true;
    this.expiries.set(orgId, expiry);
  }

  drop(orgId: string): void {
    for (const map of [this.held, this.expiries, this.decidedBy]) map.delete(orgId);
    this.kept.delete(orgId);
  }
}
