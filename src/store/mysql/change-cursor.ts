// Which changes a daemon has seen. Sequence numbers are given out when a transaction writes, and seen when it commits,
// so a lower one may come to light after a higher one: every number that was passed over is asked for again, until it
// has turned up or so much time has gone by that no transaction is still open. Those of transactions that were rolled
// back never turn up, nor do those that the other nodes of a cluster leave out; so the older a gap is the more rarely
// it is asked for, and a transaction that was open for a while is seen after a tenth of that while. Of one that is
// open for longer, the time to live learns.

/** How long a number that was passed over is asked for. */
const GAP_LIFETIME_MS = 10 * 60_000;

/** Most transactions are over by then; until then a gap is asked for every time, and later after a part of its age. */
const GAP_YOUNG_MS = 5000;
const GAP_ASKED_AFTER = 0.1;

/** A burst of rolled back transactions must not make the question long; the newest are the likeliest. */
const GAPS_MAX = 1000;

/** Sequence numbers that aren't there when a daemon starts may be those of transactions that are open. */
export const LOOK_BACK = 200;

export interface Gap {
  readonly seq: number;
  readonly sinceMs: number;
  readonly askedMs: number;
}

/** A change, as far as a cursor looks at it. */
export interface SeenChange {
  readonly seq: number;
  /** Tells it from any other that may have had its number in another history. */
  readonly mark: string;
}

export interface ChangeCursor {
  /** Every number up to this one has been seen, or is a gap. */
  readonly after: number;
  /** The change of that number; empty: there was none yet. */
  readonly mark: string;
  readonly gaps: readonly Gap[];
  /** When it was first seen that the database doesn't have that change (any more, or yet). */
  readonly lostSinceMs: number | null;
  /** The restore from a backup that was last told of. */
  readonly epoch: number;
}

export const FIRST_CURSOR: ChangeCursor = { after: 0, mark: '', gaps: [], lostSinceMs: null, epoch: 0 };

/** The gaps that are to be asked for now. */
export function dueGaps({ gaps }: ChangeCursor, nowMs: number): readonly number[] {
  return gaps
    .filter(({ sinceMs, askedMs }) => {
      const ageMs = nowMs - sinceMs;
      return ageMs < GAP_YOUNG_MS || nowMs - askedMs >= ageMs * GAP_ASKED_AFTER;
    })
    .map(({ seq }) => seq);
}

/**
 * The cursor after these changes, in any order, have been seen.
 *
 * @param asked the gaps that were asked for.
 */
export function advance(
  cursor: ChangeCursor,
  seen: readonly SeenChange[],
  asked: readonly number[],
  nowMs: number,
): ChangeCursor {
  const { after, gaps } = cursor;
  const found = new Set(seen.map(({ seq }) => seq));
  const wasAsked = new Set(asked);
  const open = gaps
    .filter(({ seq, sinceMs }) => !found.has(seq) && nowMs - sinceMs < GAP_LIFETIME_MS)
    .map((gap) => (wasAsked.has(gap.seq) ? { ...gap, askedMs: nowMs } : gap));
  const last = seen.reduce<SeenChange>((newest, change) => (change.seq > newest.seq ? change : newest), {
    seq: after,
    mark: cursor.mark,
  });
  for (let seq = Math.max(after + 1, last.seq - GAPS_MAX); seq < last.seq; seq += 1) {
    if (!found.has(seq)) open.push({ seq, sinceMs: nowMs, askedMs: nowMs });
  }
  return { ...cursor, after: last.seq, mark: last.mark, gaps: open.slice(-GAPS_MAX) };
}

/** Undefined: it was not made by `formatCursor`. */
export function parseCursor(text: string): ChangeCursor | undefined {
  try {
    const { after, mark, gaps, lostSinceMs, epoch } = JSON.parse(text) as Record<string, unknown>;
    if (!Number.isSafeInteger(after) || !Array.isArray(gaps) || typeof mark !== 'string') return undefined;
    return {
      after: after as number,
      mark,
      gaps: (gaps as [number, number, number][]).map(([seq, sinceMs, askedMs]) => ({
        seq,
        sinceMs,
        askedMs,
      })),
      lostSinceMs: lostSinceMs as number | null,
      epoch: Number(epoch),
    };
  } catch {
    return undefined;
  }
}

export function formatCursor({ gaps, ...cursor }: ChangeCursor): string {
  return JSON.stringify({
    ...cursor,
    gaps: gaps.map(({ seq, sinceMs, askedMs }) => [seq, sinceMs, askedMs]),
  });
}
