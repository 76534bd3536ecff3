// Quantiles of durations that were counted by bucket: the bound that so many of them don't exceed. Pure.
import type { DurationCounts } from '../../admin/backend.js';

const US_PER_MS = 1000;
const MS_PER_S = 1000;

/** `≤ 25 µs`, `> 500 ms`; undefined where nothing was counted. */
export function quantileText(
  { bounds_ms: bounds, counts }: DurationCounts,
  part: number,
): string | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let seen = 0;
  for (const [bucket, count] of counts.entries()) {
    seen += count;
    const bound = bounds[bucket];
    if (bound !== undefined && seen >= total * part) return `≤ ${msText(bound)}`;
  }
  return `> ${msText(bounds.at(-1) ?? 0)}`;
}

/** `25 µs`, `2.5 ms`, `5 s`. */
export function msText(ms: number): string {
  if (ms >= MS_PER_S) return `${rounded(ms / MS_PER_S)} s`;
  return ms >= 1 ? `${rounded(ms)} ms` : `${rounded(ms * US_PER_MS)} µs`;
}

/** What was counted since. */
export function countedSince(now: DurationCounts, before: DurationCounts): DurationCounts {
  return {
    bounds_ms: now.bounds_ms,
    counts: now.counts.map((count, bucket) => Math.max(0, count - (before.counts[bucket] ?? 0))),
    sum_ms: Math.max(0, now.sum_ms - before.sum_ms),
  };
}

function rounded(value: number): number {
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value);
}
