// The answer to a gateway: always one that can be acted on, whether or not signalbox had anything to say.

/** Why signalbox did not decide. The gateway goes on with the request as it is. */
export type FailOpenReason =
  /** No answer came within the deadline. */
  | 'timeout'
  /** No daemon answers at the socket. */
  | 'unreachable'
  /** The daemon has no routes of that org, and can't read them now. */
  | 'unavailable'
  /** A limit is reached, of the daemon or of this client. */
  | 'overloaded'
  /** The daemon is about to end, and no other has taken its place yet. */
  | 'draining'
  /** The request is wrong; see `message`. */
  | 'bad_request'
  /** A defect, of signalbox or of whatever else answers at the socket; see `message`. */
  | 'internal'
  /** The client was closed. */
  | 'closed';

export interface Decision {
  /** True: signalbox did not decide, for the reason given; the caller's model is kept. */
  readonly failOpen: boolean;
  /** The model to dispatch to: the target, or the caller's. */
  readonly model: string;
  /** null: keep the caller's model. */
  readonly targetModel: string | null;
  /** UUID of the selected route; null when nothing matched. */
  readonly routeId: string | null;
  readonly route: string | null;
  /** Models to try in order when the provider fails. */
  readonly fallbacks: readonly string[];
  /** Don't read or write the response cache. */
  readonly disableCache: boolean;
  /** US dollars; refuse the dispatch when the estimate after the rewrite is above it. */
  readonly maxCostUsd: number | null;
  /** Anything else that the route asks for. */
  readonly effects: Readonly<Record<string, unknown>>;
  readonly paused: boolean;
  readonly reason: 'matched' | 'no_match' | 'no_such_route' | FailOpenReason;
  /** For people: what a fail-open decision's reason was, exactly. */
  readonly message: string | null;
  /** The revision of the org's routes that this was decided by. */
  readonly revision: number;
  /** The routes are older than they should be, because the store can't be read. */
  readonly stale: boolean;
}

export function failOpenDecision(callerModel: string, reason: FailOpenReason, message: string): Decision {
  return {
    failOpen: true,
    model: callerModel,
    targetModel: null,
    routeId: null,
    route: null,
    fallbacks: [],
    disableCache: false,
    maxCostUsd: null,
    effects: {},
    paused: false,
    reason,
    message,
    revision: 0,
    stale: false,
  };
}
