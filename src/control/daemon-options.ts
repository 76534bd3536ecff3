// What a daemon is told when it is made: by `signalbox serve`, or by whoever runs one within a process of their own.
import type { Clock } from '../clock.js';
import type { SignalboxError } from '../errors.js';
import type { Log } from '../log.js';
import type { AccessPolicy } from './access/access-policy.js';
import type { SocketPermissions } from './sockets/socket-file.js';
import type { RouteStore } from '../store/route-store.js';

export interface DaemonOptions {
  /** It may be opened while the workers start. */
  readonly store: RouteStore | Promise<RouteStore>;
  /** What the store is, for people; without a password. */
  readonly storeUrl: string;
  /** Where gateways connect. */
  readonly socketPath: string;
  /** Unless told, its owner and its group may connect. */
  readonly socketPermissions?: SocketPermissions | undefined;
  /** Which of those that can reach the socket may connect; unless told, all. */
  readonly access?: AccessPolicy | undefined;
  /** Reads who may connect anew, at a reload; unless told, that stays as it is. */
  readonly readAccess?: (() => Promise<AccessPolicy>) | undefined;
  /** Listening sockets that a service manager has made for us, by descriptor: then no path is claimed. */
  readonly inheritedSockets?: readonly number[];
  readonly workers: number;
  readonly ttlMs: number;
  readonly maxStaleMs: number;
  readonly resolveTimeoutMs: number;
  readonly maxFrameBytes: number;
  readonly drainTimeoutMs: number;
  /** How often the store is asked what changed; 0: never. */
  readonly feedIntervalMs: number;
  /** Where the last good routes are kept for a start without the store; undefined: nowhere. */
  readonly snapshotPath?: string | undefined;
  /** Nothing is accepted before this: it would keep the main thread from those who come first. */
  readonly listenAfter?: Promise<unknown> | undefined;
  /** Is told of each reload, and calls it. */
  readonly aroundReload?: <T>(reload: () => Promise<T>) => Promise<T>;
  /** Lines of the log that nobody took, for the status; undefined: none are ever lost. */
  readonly droppedLogLines?: (() => number) | undefined;
  readonly version: string;
  /** What each worker thread runs, if not the daemon's own. */
  readonly workerEntry?: URL | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** It can't go on, and only a new process has a chance. Called once at most. */
  readonly onHopeless: (error: SignalboxError) => void;
}
