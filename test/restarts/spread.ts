// How long something took, many times.

/** `660 to 1213 (median 702, p99 1213)` */
export function spread(valuesMs: readonly number[]): string {
  const ordered = valuesMs.map(Math.round).sort((a, b) => a - b);
  const at = (part: number): number =>
    ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * part))] ?? 0;
  return `${at(0)} to ${at(1)} (median ${at(0.5)}, p99 ${at(0.99)})`;
}
