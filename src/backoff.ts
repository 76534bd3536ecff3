// When to try again after a failure: exponentially later, with jitter, up to a cap.

export interface Backoff {
  /** Failures in a row. */
  readonly attempts: number;
  readonly retryAtMs: number;
}

const FIRST_DELAY_MS = 100;

/** After an outage of any length, service is normal again within this. */
export const MAX_DELAY_MS = 5000;

/** @param random from 0 up to 1; the delay is between half of the exponential one and the whole. */
export function nextBackoff(before: Backoff | undefined, nowMs: number, random: () => number): Backoff {
  const attempts = (before?.attempts ?? 0) + 1;
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** Math.min(attempts - 1, 30), MAX_DELAY_MS);
  return { attempts, retryAtMs: nowMs + delayMs * (0.5 + 0.5 * random()) };
}
