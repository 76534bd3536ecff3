// Everything that the main thread and the workers say to each other, and the one file that both sides import. Down
// goes a broadcast that every worker hears; up goes a message of one worker; a connection comes as a task.
// Times are those of monotonicClock, which reads the same in every thread of the process.

/** Main thread → every worker, in the order in which they were sent. */
export type ToWorkers =
  | TableMessage
  | UnavailableMessage
  /** What the worker holds of that org is out of date: ask before using it again, but keep it. */
  | { readonly type: 'expire'; readonly orgId: string }
  /** Forget that org: the main thread no longer keeps it. */
  | { readonly type: 'drop'; readonly orgId: string }
  /** Say how often each route of that org was decided for. */
  | { readonly type: 'count'; readonly token: number; readonly orgId: string }
  /** Tell decisions of these kinds from now on; none: tell nothing. */
  | { readonly type: 'tap'; readonly tappings: readonly Tapping[] }
  /** What those may ask for who may not ask for every org, from now on. */
  | { readonly type: 'grant'; readonly grantedOrgs: GrantedOrgs }
  /** Answer that everything before this was heard. */
  | { readonly type: 'sync'; readonly token: number }
  /** Ask every client to go elsewhere, and close each connection once it is quiet. */
  | { readonly type: 'drain' };

/** Whatever a user or a group may ask for, by its name. */
export type GrantedOrgs = ReadonlyMap<string, ReadonlySet<string> | 'all'>;

/** As it travels: what was said in one turn of the main thread's loop, in that order. */
export type Broadcasted = readonly ToWorkers[];

/** The org's table from now on. Answers every request that is parked for that org. */
export interface TableMessage {
  readonly type: 'table';
  readonly orgId: string;
  /** A table as shared-table.ts lays it out. Every thread reads the same memory. */
  readonly block: SharedArrayBuffer;
  /** The table's own: it is shipped again whenever its routes were read and had not changed. */
  readonly table: number;
  readonly revision: number;
  /** The store could not be read, and this is the last good table. */
  readonly stale: boolean;
  /** The first use at or after this asks the main thread for a newer one, and goes on with this one. */
  readonly refreshAtMs: number;
  /** It must not be used at or after this. */
  readonly untilMs: number;
  /** Until then it is better than nothing, if the main thread doesn't answer in time. */
  readonly lastGoodUntilMs: number;
  /** When the read of the store began that this comes from. */
  readonly readBeganAtMs: number;
  /** Whoever asked before this gets no newer one: the store was read then, or doesn't answer. */
  readonly settledMs: number;
}

/** No table of that org can be had: answer `unavailable` without asking, until then. */
export interface UnavailableMessage {
  readonly type: 'unavailable';
  readonly orgId: string;
  readonly message: string;
  readonly untilMs: number;
}

/** One worker → main thread. */
export type FromWorker =
  /** It hears broadcasts and can serve connections. */
  | {
      readonly type: 'ready';
      readonly threadId: number;
      readonly vitalSigns: VitalSigns;
      /** What it counts, in shared memory; laid out by figures.ts. */
      readonly figures: Float64Array;
    }
  /** It has taken in everything that was broadcast before that question. */
  | { readonly type: 'synced'; readonly threadId: number; readonly token: number }
  /** The answer to `count`: by route id, or by the reason for no route. */
  | {
      readonly type: 'counted';
      readonly threadId: number;
      readonly token: number;
      readonly hits: ReadonlyMap<string, Hits>;
    }
  /** Decisions that somebody looks on at, and how many more there were. */
  | { readonly type: 'tapped'; readonly tapped: readonly Tapped[]; readonly dropped: number }
  /** A request waits for that org's table; with a revision, for one that is not older. */
  | { readonly type: 'need'; readonly orgId: string; readonly minRevision?: number }
  /** That org's table is in use and about to expire. */
  | { readonly type: 'refresh'; readonly orgId: string }
  /** Something in this code is wrong; the request was answered `internal`. */
  | { readonly type: 'defect'; readonly message: string; readonly stack: string };

/**
 * What a worker shows of itself without being asked: words of shared memory, which the main thread can read however
 * stuck the worker is.
 */
export type VitalSigns = Int32Array;

/** Raised with every beat; it wraps around. */
export const BEATS = 0;
/** By how much the latest beat was at most late, in microseconds, since the main thread last looked. */
export const BEAT_LATENESS_US = 1;
/** Whether it decides at this moment, and then for which org: four words. */
export const DECIDING = 2;
export const DECIDING_FOR = 3;
export const VITAL_SIGNS = 7;

export function newVitalSigns(): VitalSigns {
  return new Int32Array(new SharedArrayBuffer(VITAL_SIGNS * Int32Array.BYTES_PER_ELEMENT));
}

/** How often a worker whose loop turns raises its count. */
export const BEAT_INTERVAL_MS = 100;

/** What somebody wants to see of decisions. */
export interface Tapping {
  /** Undefined: of all orgs. */
  readonly orgId: string | undefined;
  /** Which part of them, above 0 and up to 1. */
  readonly sample: number;
}

/** A decision that was made. */
export interface Tapped {
  readonly atMs: number;
  /** Which part of such decisions was taken. */
  readonly sample: number;
  readonly orgId: string;
  /** The table, and the number of the outcome in it. */
  readonly block: SharedArrayBuffer;
  readonly outcome: number;
  readonly stale: boolean;
}

export interface Hits {
  readonly count: number;
  /** When the last was. */
  readonly lastMs: number;
}

/** One connection, as the task of a worker; the task ends with the connection. */
export interface ConnectionTask {
  /** A descriptor of the process, which belongs to whoever wins `claim`. */
  readonly fd: number;
  /**
   * One shared 32-bit integer: UNCLAIMED until a worker takes the descriptor over, which puts its thread id there, or
   * the main thread, hearing that the worker died, takes it back. Descriptors are numbers of the whole process and
   * soon given out again: without this, the main thread could close somebody else's connection, or leak one.
   */
  readonly claim: Int32Array;
  /** Names in `grantedOrgs` whose orgs the client may ask for; undefined: it may ask for every org. */
  readonly grants?: readonly string[];
}

/** No thread has this id, nor the main thread's claim: workers count from 1. */
export const UNCLAIMED = 0;
export const CLAIMED_BY_MAIN = -1;

/** True for the one caller that gets there first. A worker claims with its thread id. */
export function claimConnection(claim: Int32Array, who: number): boolean {
  return Atomics.compareExchange(claim, 0, UNCLAIMED, who) === UNCLAIMED;
}

/** What a worker is started with. */
export interface WorkerSettings {
  /** The name of the BroadcastChannel. */
  readonly channel: string;
  readonly version: string;
  readonly resolveTimeoutMs: number;
  readonly maxFrameBytes: number;
  /** Orgs that some clients may ask for. */
  readonly grantedOrgs: GrantedOrgs;
}
