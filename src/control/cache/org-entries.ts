// The cache's entries, and how many of them there may be. Orgs that the store knows and those that it doesn't are bounded
// apart, each by what was used longest ago: whoever invents ids can't make room for them at the expense of orgs that
// have routes. Runs on the main thread.
import { LRUCache } from 'lru-cache';
import type { Entry } from './cache-entry.js';
import type { CacheOptions } from './cache-options.js';

export class OrgEntries {
  readonly #known: LRUCache<string, Entry>;
  /** Orgs that the store doesn't know, or that could never be read. */
  readonly #unknown: LRUCache<string, Entry>;

  constructor({
    maxKnownOrgs,
    maxUnknownOrgs,
    onEvict,
  }: Pick<CacheOptions, 'maxKnownOrgs' | 'maxUnknownOrgs' | 'onEvict'>) {
    const dispose = (_: Entry, orgId: string, reason: LRUCache.DisposeReason): void => {
      if (reason === 'evict') onEvict(orgId);
    };
    this.#known = new LRUCache({ max: maxKnownOrgs, dispose });
    this.#unknown = new LRUCache({ max: maxUnknownOrgs, dispose });
  }

  get size(): { readonly known: number; readonly unknown: number } {
    return { known: this.#known.size, unknown: this.#unknown.size };
  }

  get orgIds(): readonly string[] {
    return [...this.#known.keys(), ...this.#unknown.keys()];
  }

  /** Of the orgs that the store knows. */
  known(): Iterable<Entry> {
    return this.#known.values();
  }

  isKnown(orgId: string): boolean {
    return this.#known.has(orgId);
  }

  has(orgId: string): boolean {
    return this.#known.has(orgId) || this.#unknown.has(orgId);
  }

  /** For use, which keeps it for longer. */
  get(orgId: string): Entry | undefined {
    return this.#known.get(orgId) ?? this.#unknown.get(orgId);
  }

  /** Looking changes nothing. */
  peek(orgId: string): Entry | undefined {
    return this.#known.peek(orgId) ?? this.#unknown.peek(orgId);
  }

  /** Keeps it where it belongs, by what it holds now. */
  keep(entry: Entry): void {
    const isKnown = (entry.value?.revision ?? 0) > 0;
    (isKnown ? this.#unknown : this.#known).delete(entry.orgId);
    (isKnown ? this.#known : this.#unknown).set(entry.orgId, entry);
  }

  /** Forgets an org that the store doesn't know. False: it is none. */
  forgetUnknown(orgId: string): boolean {
    return this.#unknown.delete(orgId);
  }
}
