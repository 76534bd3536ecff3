// What a gateway asks, in this library's names, and its form on the wire.

/** Signals that are left out are unknown, and unknown never satisfies a condition. */
export interface ResolveRequest {
  /** The tenant: a UUID. */
  readonly orgId: string;
  /** The model that the caller asked for. */
  readonly model: string;
  /** Estimated input tokens; unsigned 32-bit. */
  readonly inputTokens?: number | undefined;
  readonly tag?: string | undefined;
  /** The system and user text; needed only where the org has keyword conditions. */
  readonly prompt?: string | undefined;
  readonly hasImages?: boolean | undefined;
  readonly hasAudio?: boolean | undefined;
  readonly hasDocuments?: boolean | undefined;
  /** US dollars. */
  readonly estimatedCostUsd?: number | undefined;
  /** The dominant kind of content: json, csv, log, code, diff or prose. */
  readonly contentType?: string | undefined;
  /** The requested model's p95 latency, in whole milliseconds. */
  readonly upstreamP95Ms?: number | undefined;
  readonly reasoningClass?: boolean | undefined;
  /** Take the route of this name, whatever its conditions say. */
  readonly forceRoute?: string | undefined;
  /** The decision is to go by routes of at least this revision, such as a write has just made. */
  readonly minRevision?: number | undefined;
}

const WIRE_NAMES: Readonly<Record<keyof ResolveRequest, string>> = {
  orgId: 'org_id',
  model: 'model',
  inputTokens: 'input_tokens',
  tag: 'tag',
  prompt: 'prompt',
  hasImages: 'has_images',
  hasAudio: 'has_audio',
  hasDocuments: 'has_documents',
  estimatedCostUsd: 'estimated_cost_usd',
  contentType: 'content_type',
  upstreamP95Ms: 'upstream_p95_ms',
  reasoningClass: 'reasoning_class',
  forceRoute: 'force_route',
  minRevision: 'min_revision',
};

const NAMES = Object.keys(WIRE_NAMES) as (keyof ResolveRequest)[];

/** The params of `resolve`. */
export function toParams(request: ResolveRequest): Record<string, unknown> {
  const params: Record<string, unknown> = {};
  for (const name of NAMES) {
    const value = request[name];
    if (value !== undefined) params[WIRE_NAMES[name]] = wireValue(name, value);
  }
  return params;
}

function wireValue(name: keyof ResolveRequest, value: unknown): unknown {
  // Half of a surrogate pair, as cutting text by length leaves behind, has no UTF-8 and would be refused.
  if (typeof value === 'string') return value.toWellFormed();
  // A number of more than 32 bits would be packed as a double, which is no integer. Revisions of route files are times.
  if (name === 'minRevision' && Number.isSafeInteger(value)) return BigInt(value as number);
  return value;
}
