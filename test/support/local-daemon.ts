// A daemon in the test's own process, with real worker threads and a real socket, around a store that the test holds
// in its hands. For everything else there is daemon-process.ts.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monotonicClock } from '../../src/clock.js';
import { Daemon } from '../../src/control/daemon.js';
import type { DaemonOptions } from '../../src/control/daemon-options.js';
import type { Log, LogFields, LogLevel } from '../../src/log.js';
import type { RouteStore } from '../../src/store/route-store.js';

export interface RecordedLine {
  readonly level: LogLevel;
  readonly event: string;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

export interface LocalDaemon {
  readonly daemon: Daemon;
  readonly socketPath: string;
  readonly lines: readonly RecordedLine[];
  /** Resolves with the first line of that event, now or later. */
  readonly logged: (event: string, after?: number) => Promise<RecordedLine>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

export async function startLocalDaemon(
  store: RouteStore,
  options: Partial<DaemonOptions> = {},
): Promise<LocalDaemon> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  const socketPath = join(directory, 'gateway.sock');
  const lines: RecordedLine[] = [];
  const watchers = new Set<() => void>();
  const log: Log = (level, event, message, fields) => {
    lines.push({ level, event, message, fields });
    for (const watcher of watchers) watcher();
  };
  const daemon = await Daemon.start({
    store,
    storeUrl: 'memory:',
    socketPath,
    workers: 2,
    ttlMs: 60_000,
    maxStaleMs: 3600_000,
    // Nothing here is about how fast the machine is.
    resolveTimeoutMs: 20_000,
    maxFrameBytes: 1024 * 1024,
    drainTimeoutMs: 10_000,
    feedIntervalMs: 100,
    version: '0.0.0-test',
    clock: monotonicClock,
    log,
    onHopeless: (error) => {
      log('fatal', 'hopeless', error.message);
    },
    ...options,
  });
  const logged = async (event: string, after = 0): Promise<RecordedLine> => {
    for (;;) {
      const found = lines.slice(after).find((line) => line.event === event);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        const watcher = (): void => {
          watchers.delete(watcher);
          resolve();
        };
        watchers.add(watcher);
      });
    }
  };
  return {
    daemon,
    socketPath: options.socketPath ?? socketPath,
    lines,
    logged,
    [Symbol.asyncDispose]: async () => {
      await daemon.destroy();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
