// Everything that the store of one run ever held, and from when on: what decisions are judged by. A store that is
// restored from a backup goes back to what it held then, and its revisions begin anew from there, with other routes; so
// a revision alone doesn't say which routes are meant, and the epoch tells which of two came later.
import type { OrgRecord } from '../../src/store/org-routes.js';
import { UNKNOWN_ORG, listEnabled } from '../../src/store/org-routes.js';
import type { Changes, OrgRoutes, RefusedRow } from '../../src/store/route-store.js';

/** What the store held of an org from then on. */
interface Version {
  readonly sinceMs: number;
  readonly record: OrgRecord;
  readonly routes: OrgRoutes;
}

/** A change, as whoever asks for changes sees it. */
interface Change {
  readonly atMs: number;
  readonly orgId: string;
  /** No other change, of whatever history, has this number. */
  readonly number: number;
}

interface Cursor {
  readonly after: number;
  /** The number of the change there; 0: there was none. */
  readonly last: number;
  readonly epoch: number;
}

export class StoreHistory {
  readonly #versions = new Map<string, Version[]>();
  readonly #epochs: { readonly sinceMs: number; readonly epoch: number }[] = [];
  #changes: Change[] = [];
  #numbers = 0;
  #restores = 0;
  /** It has gone back, and nobody has said yet that this is meant. */
  isGoneBack = false;

  constructor(private readonly clock: () => number) {}

  /** How often somebody said that it was restored. */
  get restores(): number {
    return this.#restores;
  }

  /** All that it ever held of an org, in the order of time. */
  everHeld(orgId: string): readonly OrgRoutes[] {
    return (this.#versions.get(orgId) ?? []).map(({ routes }) => routes);
  }

  /** What the store holds of an org now; revision 0 if it knows nothing of it. */
  latest(orgId: string): OrgRoutes {
    return this.asOf(orgId, Infinity);
  }

  /** What it held at some time. */
  asOf(orgId: string, moment: number): OrgRoutes {
    return this.#versionAsOf(orgId, moment).routes;
  }

  commit(orgId: string, record: OrgRecord, refused: readonly RefusedRow[]): void {
    const listed = listEnabled(orgId, record);
    this.#hold(orgId, record, refused.length === 0 ? listed : { ...listed, refused });
    this.#numbers += 1;
    this.#changes.push({ atMs: this.clock(), orgId, number: this.#numbers });
  }

  /**
   * A backup of that time is put in place: it has neither what was committed since, nor the restores that were told of.
   *
   * @returns every org's record as it is now.
   */
  goBackTo(moment: number): ReadonlyMap<string, OrgRecord> {
    const records = new Map<string, OrgRecord>();
    this.#epochs.push({ sinceMs: this.clock(), epoch: this.#epochAsOf(moment) });
    for (const orgId of this.#versions.keys()) {
      const { record, routes } = this.#versionAsOf(orgId, moment);
      this.#hold(orgId, record, routes);
      records.set(orgId, record);
    }
    this.#changes = this.#changes.filter(({ atMs }) => atMs <= moment);
    this.isGoneBack = true;
    return records;
  }

  /** Somebody says that what the store holds is what it is meant to hold. */
  noteRestored(): void {
    this.#restores += 1;
    const epoch = this.#restores;
    this.#epochs.push({ sinceMs: this.clock(), epoch });
    for (const orgId of this.#versions.keys()) {
      const { record, routes } = this.#versionAsOf(orgId, Infinity);
      this.#hold(orgId, record, { ...routes, epoch });
    }
    this.isGoneBack = false;
  }

  /** @param again how many changes before the cursor are told once more. */
  changedSince(text: string | undefined, again: number): Changes {
    const next = this.#cursor();
    if (text === undefined) return { orgIds: [], cursor: JSON.stringify(next) };
    const cursor = JSON.parse(text) as Cursor;
    // As long as what was seen last is missing, this may be a replica that is behind.
    if (next.epoch <= cursor.epoch && this.#changes.length < cursor.after)
      return { orgIds: [], cursor: text };
    const isSameHistory = next.epoch <= cursor.epoch && this.#numberAt(cursor.after) === cursor.last;
    const news = this.#changes.slice(Math.max(0, cursor.after - again)).map(({ orgId }) => orgId);
    const orgIds = isSameHistory ? [...new Set(news)] : 'all';
    return { orgIds, cursor: JSON.stringify(next) };
  }

  #cursor(): Cursor {
    const after = this.#changes.length;
    return { after, last: this.#numberAt(after), epoch: this.#epochAsOf(Infinity) };
  }

  #numberAt(position: number): number {
    return this.#changes[position - 1]?.number ?? 0;
  }

  #hold(orgId: string, record: OrgRecord, listed: OrgRoutes): void {
    const epoch = listed.epoch ?? this.#epochAsOf(Infinity);
    const routes = epoch === 0 ? listed : { ...listed, epoch };
    const version = { sinceMs: this.clock(), record, routes };
    const versions = this.#versions.get(orgId);
    if (versions === undefined) this.#versions.set(orgId, [version]);
    else versions.push(version);
  }

  #versionAsOf(orgId: string, moment: number): Version {
    const version = this.#versions.get(orgId)?.findLast(({ sinceMs }) => sinceMs <= moment);
    if (version !== undefined) return version;
    const epoch = this.#epochAsOf(moment);
    const routes = { orgId, revision: 0, routes: [], ...(epoch === 0 ? {} : { epoch }) };
    return { sinceMs: -Infinity, record: UNKNOWN_ORG, routes };
  }

  #epochAsOf(moment: number): number {
    return this.#epochs.findLast(({ sinceMs }) => sinceMs <= moment)?.epoch ?? 0;
  }
}

/** Whether routes of an org are from before others of it, as far as anybody can tell who sees both. */
export function isBefore(routes: OrgRoutes, others: OrgRoutes): boolean {
  const [epoch, otherEpoch] = [routes.epoch ?? 0, others.epoch ?? 0];
  return epoch < otherEpoch || (epoch === otherEpoch && routes.revision < others.revision);
}
