// A store whose reads can be counted, held back and made to fail. It holds its routes as the memory store does; what
// is scripted is only what the world outside does to a store.
import { MemoryStore } from '../../src/store/memory-store.js';
import type { OrgRoutes } from '../../src/store/route-store.js';

export class ScriptedStore extends MemoryStore {
  /** Reads of an org's routes that were begun, by org. */
  readonly loads = new Map<string, number>();
  /** Every read fails with this while it is set. */
  failure: Error | undefined;
  #gate: Promise<void> | undefined;

  loadsOf(orgId: string): number {
    return this.loads.get(orgId) ?? 0;
  }

  /** Reads from now on wait until the function that is returned is called. What they read is what was there before. */
  hold(): () => void {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    this.#gate = gate;
    return () => {
      if (this.#gate === gate) this.#gate = undefined;
      release();
    };
  }

  override async listForOrg(orgId: string): Promise<OrgRoutes> {
    this.loads.set(orgId, this.loadsOf(orgId) + 1);
    const { failure } = this;
    const routes = await super.listForOrg(orgId);
    await this.#gate;
    if (failure !== undefined) throw failure;
    return routes;
  }
}
