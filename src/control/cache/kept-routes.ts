// An org's routes as the cache keeps them, at one revision: as JSON, in memory that the garbage collector doesn't look
// into, for as objects the routes of a hundred thousand orgs take three times as much of it, and are only looked at when
// somebody asks. With them is the table that was compiled from them, once, however often it is shipped. Immutable to
// whoever looks. Runs on the main thread.
import { shareTable } from '../../protocol/shared-table.js';
import { compileTable } from '../../routing/compile.js';
import { orgRoutesJson } from '../../store/org-size.js';
import type { OrgRoutes } from '../../store/route-store.js';

/** Orgs that the store doesn't know may be many, and are all alike. */
const UNKNOWN = shareTable(compileTable([], 0));

let made = 0;

export class KeptRoutes {
  /** Nobody else's in this process, and so the table's too. */
  readonly number = (made += 1);
  readonly orgId: string;
  readonly revision: number;
  readonly epoch: number | undefined;
  readonly refused: OrgRoutes['refused'];
  /** How many there are. */
  readonly size: number;
  readonly #json: Buffer;
  /** As they were read, until the table is compiled. */
  #routes: OrgRoutes | undefined;
  #table: SharedArrayBuffer | undefined;

  constructor(routes: OrgRoutes) {
    this.orgId = routes.orgId;
    this.revision = routes.revision;
    this.epoch = routes.epoch;
    this.refused = routes.refused;
    this.size = routes.routes.length;
    const json = orgRoutesJson(routes);
    // Never a part of memory that others share: one org's routes must not keep those alive that others had.
    this.#json = Buffer.allocUnsafeSlow(Buffer.byteLength(json));
    this.#json.write(json);
    this.#routes = routes;
  }

  /** What JSON makes of the routes as they were read. */
  get json(): string {
    return this.#json.toString();
  }

  /** Of that. */
  get bytes(): number {
    return this.#json.length;
  }

  get isFlawed(): boolean {
    return this.refused !== undefined && this.refused.length > 0;
  }

  /** The routes as objects, for the caller. */
  unpack(): OrgRoutes {
    return JSON.parse(this.json) as OrgRoutes;
  }

  /** Keeps no objects for a table that may be compiled soon. */
  pack(): this {
    this.#routes = undefined;
    return this;
  }

  /** The table, as it is shipped. */
  table(): SharedArrayBuffer {
    if (this.revision === 0 && this.size === 0) return UNKNOWN;
    if (this.#table === undefined) {
      const { routes, revision } = this.#routes ?? this.unpack();
      this.#table = shareTable(compileTable(routes, revision));
      this.pack();
    }
    return this.#table;
  }

  /** Whether everything is the same, the revision too. */
  isSameAs(other: KeptRoutes): boolean {
    return this.#json.equals(other.#json);
  }
}
