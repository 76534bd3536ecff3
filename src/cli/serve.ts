// `signalbox serve`: the daemon, until a signal ends it.
import { Command } from 'commander';
import { monotonicClock } from '../clock.js';
import { type ServeSettings, credentialsDirectory, serveOptions } from '../config.js';
import { Daemon } from '../control/daemon.js';
import { exitNow } from '../control/file-descriptors.js';
import { openProcessLog } from '../control/process-log.js';
import { checkSocketPath } from '../control/socket-path.js';
import { messageOf } from '../errors.js';
import { openStore } from '../store/open-store.js';
import { accessPolicyOf, socketPermissionsOf } from './serve-access.js';
import { type AdminEndpoint, checkAdmin, openAdmin } from './serve-admin.js';
import { INTERNAL_ERROR, OK } from './exit-codes.js';
import { packageVersion } from './version.js';

export function serveCommand(): Command {
  const command = new Command('serve').description('run the daemon').action(serve);
  for (const option of serveOptions()) command.addOption(option);
  return command.addHelpText(
    'after',
    '\nDurations carry a unit: 50ms, 60s, 24h. SIGTERM and SIGINT end it once every client has gone elsewhere; a\nsecond one ends it now.',
  );
}

async function serve(settings: ServeSettings): Promise<void> {
  checkSocketPath(settings.socket);
  checkAdmin(settings);
  const socketPermissions = socketPermissionsOf(settings);
  const access = await accessPolicyOf(settings);
  const { log, flush } = openProcessLog(settings.logLevel);
  // After a defect nothing is known to be right any more; whoever supervises us starts afresh.
  const die = (error: unknown): void => {
    log('fatal', 'defect', messageOf(error), { stack: error instanceof Error ? error.stack : undefined });
    // Not process.exit, which would wait for threads that may be the trouble.
    void flush().then(() => exitNow(INTERNAL_ERROR));
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);

  const version = packageVersion();
  const { socket, workers } = settings;
  const store = await openStore(settings.store, {
    log,
    clock: monotonicClock,
    random: Math.random,
    migrate: settings.migrate,
    credentialsDirectory: credentialsDirectory(),
  });
  let daemon: Daemon;
  try {
    daemon = await Daemon.start({
      store,
      storeUrl: settings.store.replace(/:[^:@/]*@/, '@'),
      socketPath: socket,
      socketPermissions,
      access,
      workers,
      ttlMs: settings.ttl,
      maxStaleMs: settings.maxStale,
      resolveTimeoutMs: settings.resolveTimeout,
      maxFrameBytes: settings.maxFrameBytes,
      drainTimeoutMs: settings.drainTimeout,
      feedIntervalMs: settings.feedInterval,
      snapshotPath: settings.snapshot,
      version,
      clock: monotonicClock,
      log,
      onHopeless: die,
    });
  } catch (error) {
    await store.close();
    await flush();
    throw error;
  }
  let admin: AdminEndpoint | undefined;
  try {
    admin = await openAdmin(settings, daemon.admin, log);
  } catch (error) {
    await daemon.destroy();
    await flush();
    throw error;
  }
  log('info', 'ready', `signalbox ${version} listens on ${socket} with ${workers} workers`, {
    socket,
    workers,
    pid: process.pid,
  });
  await untilEnded(daemon);
  await admin?.close();
  await flush();
  // A read of a store that hangs would keep the process for as long as it takes.
  process.exit(OK);
}

/** Resolves when a signal has ended the daemon. */
function untilEnded(daemon: Daemon): Promise<void> {
  return new Promise((resolve, reject) => {
    const onSignal = (): void => {
      const ended = daemon.state === 'draining' ? daemon.destroy() : daemon.close();
      ended.then(resolve, reject);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}
