// What a route is. Pure types: the field names are the dialect's own snake_case names, the same in files, in the
// store, in tables and on the wire, so that no mapping between them can be wrong.

/** Text kinds that a request's dominant content can have. */
export const CONTENT_TYPES = ['json', 'csv', 'log', 'code', 'diff', 'prose'] as const;
export type ContentType = (typeof CONTENT_TYPES)[number];

/** Unsigned 32-bit bounds are those of priorities, token counts and latencies. */
export const UINT32_MAX = 0xffff_ffff;

export const DEFAULT_PRIORITY = 100;

/** All present conditions must hold; a condition on a signal that the request doesn't carry never holds. */
export interface Conditions {
  /** The requested model equals a member. Empty: no condition. */
  readonly model_in?: readonly string[];
  readonly input_tokens_lt?: number | null;
  readonly input_tokens_gt?: number | null;
  readonly tag_equals?: string | null;
  readonly has_images?: boolean | null;
  readonly has_audio?: boolean | null;
  readonly has_documents?: boolean | null;
  /** The lower-cased prompt contains a lower-cased member. Empty: no condition. */
  readonly prompt_contains_any_of?: readonly string[];
  /** US dollars. */
  readonly estimated_cost_gt?: number | null;
  readonly estimated_cost_lt?: number | null;
  readonly content_type?: ContentType | null;
  /** Milliseconds. */
  readonly upstream_latency_ms_p95_gt?: number | null;
  /** true: the request is known not to be of a reasoning class. false: no condition. */
  readonly not_reasoning_class?: boolean;
}

/** Anything else the gateway should do, handed over verbatim. Values are those of JSON. */
export type Effects = Readonly<Record<string, unknown>>;

/** What the gateway is told to do when the route is selected. */
export interface Action {
  /** Absent or null: keep the caller's model. */
  readonly target_model?: string | null;
  /** Models to try in order when the provider fails. */
  readonly fallbacks?: readonly string[];
  /** Don't read or write the gateway's response cache. */
  readonly disable_cache?: boolean;
  /** US dollars; refuse the dispatch when the estimate after the rewrite is above it. */
  readonly max_cost_usd?: number | null;
  readonly effects?: Effects;
}

/** What a writer says of a route; the store adds the rest. */
export interface RouteDraft {
  /** Shown to people, and the key of forced routing. Not blank; need not be unique. */
  readonly name: string;
  /** Unsigned 32-bit; the highest is tried first. */
  readonly priority: number;
  /** false: never selected, but keeps its place. */
  readonly enabled: boolean;
  readonly when: Conditions;
  readonly then: Action;
}

/** A route as an org has it. */
export interface Route extends RouteDraft {
  /** UUID, assigned by the store; attribution only, never matched. */
  readonly id: string;
  /** Set by the store: matches and is attributed, but changes neither model nor fallbacks. */
  readonly paused: boolean;
}

/**
 * Brings routes that are given in creation order into table order: priority descending, then creation order.
 * The order of creation is total here, so nothing is left for the id to decide.
 */
export function inTableOrder<R extends Pick<Route, 'priority'>>(routes: readonly R[]): R[] {
  return [...routes].sort((a, b) => b.priority - a.priority);
}
