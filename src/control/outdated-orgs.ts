// Orgs of which the store says that they have changed. Those in use are read again, a few at a time, and their tables
// serve until the newer ones come, so that requests for a busy org never wait for a change. They don't serve for long,
// though: what takes its time is out of date then, and whoever asks for it waits and is read for first. Orgs that are
// not in use are read when they are asked for. Runs on the main thread.
import type { ChangedOrgs } from '../store/route-store.js';
import type { OrgCache } from './cache/org-cache.js';
import type { Publisher } from './publisher.js';

/** Orgs that are read at a time, of those that changed together. */
const REFRESHES_MAX = 16;

/**
 * Where many have changed they are begun in this many rounds at most, with a pause between two. On a host with few
 * processors the workers share one with this thread, which must not keep it for as long as a hundred tables take.
 */
const ROUNDS_MAX = 32;
const PAUSE_MS = 1;

/** With the pause between two questions for changes, it stays well below the quarter of a second that a change may take. */
export const OUTDATED_USE_MS = 100;

export class OutdatedOrgs {
  readonly #cache: Pick<OrgCache, 'inUse' | 'isInUse' | 'outdate'>;
  readonly #publisher: Pick<Publisher, 'refresh' | 'expire'>;
  /** Those that changed together and aren't read yet. An org that changes again is in several. */
  readonly #behind = new Set<ReadonlySet<string>>();

  constructor(
    cache: Pick<OrgCache, 'inUse' | 'isInUse' | 'outdate'>,
    publisher: Pick<Publisher, 'refresh' | 'expire'>,
  ) {
    this.#cache = cache;
    this.#publisher = publisher;
  }

  /** Resolves when those of them that are in use are read and shipped, or can't be. */
  async refresh(orgIds: ChangedOrgs): Promise<void> {
    const behind = this.#inUse(orgIds);
    if (behind.size === 0) return;
    for (const orgId of behind) this.#cache.outdate(orgId);
    this.#behind.add(behind);
    const timer = setTimeout(() => {
      this.#expire(behind);
    }, OUTDATED_USE_MS);
    await this.#refreshInRounds(behind);
    clearTimeout(timer);
    this.#behind.delete(behind);
  }

  /** No worker decides by what it has of those that aren't read yet: what was heard of up to now is in force. */
  expire(): void {
    for (const behind of this.#behind) this.#expire(behind);
  }

  #inUse(orgIds: ChangedOrgs): Set<string> {
    return orgIds === 'all'
      ? this.#cache.inUse()
      : new Set(orgIds.filter((orgId) => this.#cache.isInUse(orgId)));
  }

  #expire(behind: ReadonlySet<string>): void {
    for (const orgId of behind) this.#publisher.expire(orgId);
  }

  async #refreshInRounds(behind: Set<string>): Promise<void> {
    const left = inRounds([...behind]);
    const refreshOneByOne = async (): Promise<void> => {
      for await (const orgId of left) {
        await this.#publisher.refresh(orgId);
        behind.delete(orgId);
      }
    };
    await Promise.all(Array.from({ length: Math.min(REFRESHES_MAX, behind.size) }, refreshOneByOne));
  }
}

async function* inRounds(orgIds: readonly string[]): AsyncGenerator<string, void> {
  const together = Math.ceil(orgIds.length / ROUNDS_MAX);
  for (const [index, orgId] of orgIds.entries()) {
    if (index > 0 && index % together === 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    yield orgId;
  }
}
