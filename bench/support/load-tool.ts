// Runs the C load generator against one socket and reads its result: the only place that knows its flags and its JSON.
import type { Histogram } from './histogram.js';
import { runChild } from './run-child.js';

/**
 * Open: requests arrive at a fixed rate, `burst` (1) of them at a time on one connection. Closed: `pipeline` requests
 * are in flight on each connection.
 */
export type LoadShape =
  | {
      readonly kind: 'open';
      readonly ratePerSecond: number;
      readonly connections: number;
      readonly burst?: number;
    }
  | { readonly kind: 'closed'; readonly pipeline: number; readonly connections: number };

export interface LoadOptions {
  readonly binary: string;
  readonly durationSeconds: number;
  readonly warmupSeconds: number;
  /** Ends the load early; the result is thrown away then. */
  readonly signal: AbortSignal;
}

export interface LoadTarget {
  readonly socketPath: string;
  /** What it is asked, as a file of frames. */
  readonly payloadsPath: string;
  /** An echo answers with the request's own bytes; `http` has whole HTTP requests for payloads. */
  readonly speaks: 'frames' | 'echo' | 'http';
}

/**
 * What the load generator prints. Counts are of the requests due after the warm-up; rates are of what happened in the
 * measured time; `unanswered` requests are in the latencies with the time that they waited.
 */
export interface LoadResult {
  readonly mode: 'open' | 'closed';
  readonly connections: number;
  readonly pipeline: number;
  readonly rateAskedPerSecond: number | null;
  readonly sentPerSecond: number;
  readonly answeredPerSecond: number;
  readonly decisionsPerSecond: number;
  readonly sent: number;
  readonly answered: number;
  readonly decisions: number;
  readonly errors: number;
  readonly unanswered: number;
  readonly unmatched: number;
  readonly notifications: number;
  readonly closedConnections: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly latencyUs: {
    readonly p50: number;
    readonly p90: number;
    readonly p99: number;
    readonly p999: number;
    readonly p9999: number;
    readonly max: number;
  };
  /** How long after they were due the requests were written; null in a closed loop, where nothing is due. */
  readonly generatorLateUs: { readonly p50: number; readonly p99: number; readonly max: number } | null;
  readonly histogramUs: Histogram;
  readonly durationSeconds: number;
  readonly interrupted: boolean;
}

/** Puts one load on one server. Throws the generator's own words when it fails, an AbortError when told to end. */
export async function runLoad(
  target: LoadTarget,
  shape: LoadShape,
  options: LoadOptions,
): Promise<LoadResult> {
  const args = ['--socket', target.socketPath, '--payloads', target.payloadsPath];
  args.push('--connections', String(shape.connections));
  args.push('--duration', String(options.durationSeconds), '--warmup', String(options.warmupSeconds));
  if (shape.kind === 'open')
    args.push('--rate', String(shape.ratePerSecond), '--burst', String(shape.burst ?? 1));
  else args.push('--closed', '--pipeline', String(shape.pipeline));
  if (target.speaks !== 'frames') args.push(`--${target.speaks}`);
  const output = await runChild(options.binary, args, options.signal, { passesComplaints: true });
  return JSON.parse(output) as LoadResult;
}

/** What is wrong with a result, in words; empty when its figures can be trusted. */
export function problemsOf(result: LoadResult): string[] {
  const problems: string[] = [];
  const counts = ['errors', 'unanswered', 'unmatched', 'closedConnections'] as const;
  for (const count of counts) {
    if (result[count] > 0) problems.push(`${result[count]} ${count}`);
  }
  const asked = result.rateAskedPerSecond;
  if (asked !== null && result.sentPerSecond < 0.99 * asked) {
    problems.push(`the generator sent only ${result.sentPerSecond} of ${asked} requests/s`);
  }
  return problems;
}
