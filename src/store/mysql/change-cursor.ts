// Which changes a daemon has seen. Sequence numbers are given out when a transaction writes, and seen when it commits,
// so a lower one may come to light after a higher one: every number that was passed over is asked for again, until it
// has turned up or so much time has gone by that no transaction is still open. Those of transactions that were rolled
// back never turn up; of a transaction that is open for longer, the time to live learns.

/** How long a number that was passed over is asked for. */
const GAP_LIFETIME_MS = 10 * 60_000;

/** A burst of rolled back transactions must not make the question long; the newest are the likeliest. */
const GAPS_MAX = 1000;

/** Sequence numbers that aren't there when a daemon starts may be those of transactions that are open. */
export const LOOK_BACK = 200;

export interface Gap {
  readonly seq: number;
  readonly sinceMs: number;
}

export interface ChangeCursor {
  /** Every number up to this one has been seen, or is a gap. */
  readonly after: number;
  readonly gaps: readonly Gap[];
}

/** The cursor after these numbers, in any order, have been seen. */
export function advance({ after, gaps }: ChangeCursor, seen: readonly number[], nowMs: number): ChangeCursor {
  const found = new Set(seen);
  const open = gaps.filter(({ seq, sinceMs }) => !found.has(seq) && nowMs - sinceMs < GAP_LIFETIME_MS);
  const end = seen.reduce((highest, seq) => Math.max(highest, seq), after);
  for (let seq = Math.max(after + 1, end - GAPS_MAX); seq < end; seq += 1) {
    if (!found.has(seq)) open.push({ seq, sinceMs: nowMs });
  }
  return { after: end, gaps: open.slice(-GAPS_MAX) };
}

/** Undefined: it was not made by `formatCursor`. */
export function parseCursor(text: string): ChangeCursor | undefined {
  try {
    const { after, gaps } = JSON.parse(text) as { after?: unknown; gaps?: unknown };
    if (!Number.isSafeInteger(after) || !Array.isArray(gaps)) return undefined;
    return {
      after: after as number,
      gaps: (gaps as [number, number][]).map(([seq, sinceMs]) => ({ seq, sinceMs })),
    };
  } catch {
    return undefined;
  }
}

export function formatCursor({ after, gaps }: ChangeCursor): string {
  return JSON.stringify({ after, gaps: gaps.map(({ seq, sinceMs }) => [seq, sinceMs]) });
}
