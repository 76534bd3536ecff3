// What a soak and its traffic, which is a process of its own, tell each other. Each message is answered by one of the
// same kind, in order.
import type { TrafficFigures } from './traffic-figures.js';

/** The life of the daemon under the traffic, told before it happens. */
export type DaemonEvent =
  /** It is about to be killed: nobody answers from now on. */
  | 'killed'
  /** Another is about to start, by what the snapshot and the database have: revisions may be older, once. */
  | 'starting';

/** An edit that was committed. */
export interface Edited {
  readonly orgId: string;
  readonly version: number;
  /** The revision that it made, where its writer is told. */
  readonly revision?: number;
}

export type ToTraffic =
  | { readonly kind: 'report' }
  | { readonly kind: 'daemon'; readonly event: DaemonEvent }
  | ({ readonly kind: 'edited' } & Edited)
  | { readonly kind: 'finish' };

export interface FromTraffic {
  readonly kind: ToTraffic['kind'] | 'started';
  /** Of `report` and `finish`. */
  readonly figures?: TrafficFigures;
}
