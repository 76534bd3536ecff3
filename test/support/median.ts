// The middle of some figures: what one odd sample among them doesn't change.

/** NaN: of none. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? NaN;
}
