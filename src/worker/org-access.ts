// The orgs that one client may ask for, where not every client may ask for every org. Whose they are was decided on
// the main thread, by what the kernel says of the client when it connected; which orgs those are may change.
import { orgIdFromWords } from '../protocol/org-id.js';
import type { GrantedOrgs } from './thread-messages.js';

export class OrgAccess {
  readonly #granted: () => GrantedOrgs;
  readonly #grants: readonly string[];

  /** @param grants names in `granted`, as it is now or later, whose orgs are the client's. */
  constructor(granted: () => GrantedOrgs, grants: readonly string[]) {
    this.#granted = granted;
    this.#grants = grants;
  }

  /** On the hot path of such a client. */
  includes(orgId: Int32Array): boolean {
    const granted = this.#granted();
    let text: string | undefined;
    for (const name of this.#grants) {
      const orgIds = granted.get(name);
      if (orgIds === 'all') return true;
      if (orgIds?.has((text ??= orgIdFromWords(orgId))) === true) return true;
    }
    return false;
  }
}
