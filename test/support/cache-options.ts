// The options of an org cache in a test: roomy, patient, and with nobody who listens, but for what the test is about.
import type { CacheOptions } from '../../src/control/cache/cache-options.js';

const IGNORE = (): undefined => undefined;

export function cacheOptions(options: Partial<CacheOptions> = {}): CacheOptions {
  return {
    clock: () => performance.now(),
    random: () => 0,
    ttlMs: 60_000,
    maxStaleMs: 3600_000,
    loadTimeoutMs: 5000,
    patienceMs: 5000,
    maxKnownOrgs: 1000,
    maxUnknownOrgs: 1000,
    onEvict: IGNORE,
    onInvalidate: IGNORE,
    onOutdate: IGNORE,
    onLoad: IGNORE,
    onFlawed: IGNORE,
    ...options,
  };
}
