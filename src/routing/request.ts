// What a gateway says of the call that it is about to make. Signals only: the body itself never comes here.

/** A signal that is absent is unknown, and unknown never satisfies a condition. */
export interface ResolveRequest {
  /** The requested model, exactly as the caller gave it. */
  readonly model: string;
  /** Estimated input tokens, unsigned 32-bit. */
  readonly input_tokens?: number | undefined;
  readonly tag?: string | undefined;
  /** The system and user text; needed only where the org has keyword conditions. */
  readonly prompt?: string | undefined;
  readonly has_images?: boolean | undefined;
  readonly has_audio?: boolean | undefined;
  readonly has_documents?: boolean | undefined;
  /** US dollars, as a finite double. */
  readonly estimated_cost_usd?: number | undefined;
  readonly content_type?: string | undefined;
  /** The requested model's p95 latency in milliseconds, unsigned 32-bit. */
  readonly upstream_p95_ms?: number | undefined;
  readonly reasoning_class?: boolean | undefined;
  /** The name of the route to take whatever its conditions say. */
  readonly force_route?: string | undefined;
}
