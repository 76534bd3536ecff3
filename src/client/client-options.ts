// How a client of the library is set, checked once where it is made: a limit that is no number would be none.
export interface ClientOptions {
  /** The daemon's socket, as its `--socket` says. */
  readonly socketPath: string;
  /** How long a decision may take; then it is fail-open. Default 25 ms. */
  readonly deadlineMs?: number;
  /**
   * How long a decision may take while the daemon is restarted: from its goaway, which it says before it goes, until the
   * next one has answered in time for a second, but never for longer than this. 0: no longer than any other. Default
   * 5000 ms.
   */
  readonly restartDeadlineMs?: number;
  /** Connections to the daemon. Requests are pipelined, so one is enough for most; a worker serves each. Default 1. */
  readonly connections?: number;
  /** Decisions awaited at a time; beyond it they are fail-open. Default 50,000. */
  readonly maxPending?: number;
  /** From 0 up to 1, for the jitter of reconnects. */
  readonly random?: () => number;
}

const DEFAULT_DEADLINE_MS = 25;
/** A restart takes a second, and several on a machine that is busy with it. */
const DEFAULT_RESTART_DEADLINE_MS = 5000;
/** What comes at a high rate while the daemon is restarted. */
const DEFAULT_MAX_PENDING = 50_000;

/** What setTimeout can wait, some 24 days; it takes anything longer for a millisecond. */
const DURATION_MAX_MS = 2 ** 31 - 1;

/** @throws RangeError that says which option is wrong, and what it may be. */
export function withDefaults(options: ClientOptions): Required<ClientOptions> {
  const { socketPath, random = Math.random, connections = 1, maxPending = DEFAULT_MAX_PENDING } = options;
  const { deadlineMs = DEFAULT_DEADLINE_MS, restartDeadlineMs = DEFAULT_RESTART_DEADLINE_MS } = options;
  for (const [name, ms] of Object.entries({ deadlineMs, restartDeadlineMs })) {
    if (!(ms >= 0 && ms <= DURATION_MAX_MS))
      throw new RangeError(`${name} must be milliseconds from 0 to ${DURATION_MAX_MS}, not ${ms}`);
  }
  for (const [name, count] of Object.entries({ connections, maxPending })) {
    if (!Number.isInteger(count) || count < 1)
      throw new RangeError(`${name} must be a whole number of at least 1, not ${count}`);
  }
  return { socketPath, deadlineMs, restartDeadlineMs, connections, maxPending, random };
}
