// The answer to a request: which route was selected, and what the gateway is to do.
import type { Effects } from './route.js';

/** Why a decision is what it is. A decision that matched nothing is still a decision, not an error. */
export type Reason = 'matched' | 'no_match' | 'no_such_route';

/** The wire's own names; every field is always there. */
export interface Decision {
  /** UUID of the selected route, null when nothing matched. */
  readonly route_id: string | null;
  /** Its name, null when nothing matched. */
  readonly route: string | null;
  /** null: keep the caller's model. */
  readonly target_model: string | null;
  readonly fallbacks: readonly string[];
  readonly disable_cache: boolean;
  /** US dollars. */
  readonly max_cost_usd: number | null;
  readonly effects: Effects;
  readonly paused: boolean;
  readonly reason: Reason;
  /** The revision of the org's routes that this was decided by. */
  readonly revision: number;
  /** The table is older than the store's time to live, because the store could not be read. */
  readonly stale: boolean;
}
