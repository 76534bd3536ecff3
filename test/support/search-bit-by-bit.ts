// The engine with the prompt searched bit by bit, as a worker does with long ones, in pieces as small as they may be.
import { RouteIndex } from '../../src/routing/index/route-index.js';
import { beginScan, continueScan } from '../../src/routing/keywords/scan-keywords.js';
import { KeywordScan } from '../../src/routing/keywords/keyword-scan.js';
import type { Words } from '../../src/routing/keywords/layout.js';
import { PromptSearch } from '../../src/routing/keywords/prompt-search.js';
import type { ResolveRequest } from '../../src/routing/request.js';
import { PROMPT, signalsOf } from '../../src/routing/signals.js';
import type { Outcome, Table } from '../../src/routing/table.js';
import type { Random } from './random.js';

/** Pieces are up to this long. */
const PIECE_BYTES_MAX = 9;

export function resolveBitByBit(table: Table, request: ResolveRequest, random: Random): Outcome | undefined {
  const index = new RouteIndex(table.index);
  // A copy, as of a request whose memory is used again.
  const signals = signalsOf(request).copy();
  const search = (signals.search = new PromptSearch());
  const { bytes, starts, ends } = signals;
  let outcome = index.select(signals);
  while (search.isLacking) {
    const bytesMax = 1 + random.below(PIECE_BYTES_MAX);
    const isDone = search.advance(bytes, starts[PROMPT] ?? 0, ends[PROMPT] ?? 0, bytesMax);
    if (isDone) outcome = index.select(signals);
  }
  return table.outcomes[outcome];
}

/** As `scanWithAutomaton`. */
export function scanBitByBit(
  words: Words,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  hits: Int32Array<ArrayBuffer>,
  random: Random,
): number {
  const scan = new KeywordScan();
  beginScan(scan, words, at, start, hits);
  let limit = start;
  do limit = Math.max(limit, scan.next, scan.window) + 1 + random.below(PIECE_BYTES_MAX);
  while (!continueScan(scan, words, at, bytes, start, end, limit));
  return scan.count;
}
