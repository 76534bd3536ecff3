// `signalbox serve`: the daemon, until a signal ends it.
import { Command } from 'commander';
import { monotonicClock } from '../clock.js';
import { type ServeSettings, credentialsDirectory, serveOptions, takeServiceEnvironment } from '../config.js';
import type { AccessPolicy } from '../control/access/access-policy.js';
import { Daemon } from '../control/daemon.js';
import { exitNow } from '../control/sockets/file-descriptors.js';
import { logFormatFor } from '../control/log-format.js';
import { ProcessLog } from '../control/process-log.js';
import { NotifySocket } from '../control/systemd/notify-socket.js';
import { ServiceManager } from '../control/systemd/service-manager.js';
import { StatusLine } from '../control/systemd/status-line.js';
import { messageOf } from '../errors.js';
import type { Log } from '../log.js';
import { openStore } from '../store/open-store.js';
import { accessPolicyOf } from './serve-access.js';
import { INTERNAL_ERROR, OK } from './exit-codes.js';
import { RestartPace } from './restart-pace.js';
import { loadAdmin, openAdmin } from './serve-admin.js';
import { type DecisionRecorder, decisionRecorder } from './serve-decisions.js';
import { type ServeSockets, serveSockets } from './serve-sockets.js';
import { packageVersion } from './version.js';

/** Between the end of the drain and that of the process: the snapshot, the store, the log. */
const END_MS = 10_000;

const STDOUT = 1;

export function serveCommand(): Command {
  const command = new Command('serve').description('run the daemon').action(serve);
  for (const option of serveOptions()) command.addOption(option);
  return command.addHelpText(
    'after',
    '\nDurations carry a unit: 50ms, 60s, 24h. SIGTERM and SIGINT end it once every client has gone elsewhere; a\nsecond one ends it now. SIGHUP has it read its routes again.',
  );
}

async function serve(settings: ServeSettings): Promise<void> {
  const service = takeServiceEnvironment();
  const sockets = serveSockets(settings, service.sockets);
  const access = await accessPolicyOf(settings);
  const format = logFormatFor(settings.logFormat, STDOUT, process.stdout.isTTY, service.journalStream);
  const output = new ProcessLog({ level: settings.logLevel, format });
  const { log } = output;
  const pace = new RestartPace(service.notifySocket !== undefined);
  const sayDefect = (error: unknown): Promise<void> => {
    log('fatal', 'defect', messageOf(error), { stack: error instanceof Error ? error.stack : undefined });
    return output.flush();
  };
  // Not process.exit, which would wait for threads that may be the trouble.
  const exit = (): void => exitNow(INTERNAL_ERROR);
  // After a defect nothing is known to be right any more; whoever supervises us starts afresh.
  const die = (error: unknown): void => {
    void sayDefect(error).then(() => {
      block(pace.crashMs);
      exit();
    });
  };
  // The main thread is well, and tells gateways that there is nobody to decide.
  const onHopeless = (error: unknown): void => {
    void sayDefect(error).then(() => setTimeout(exit, pace.crashMs));
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);

  const manager = new ServiceManager({
    socket: NotifySocket.open(service.notifySocket, log),
    watchdogMs: service.watchdogMs,
    log,
  });
  try {
    const recorder = decisionRecorder(settings, log);
    const droppedLogLines = (): number => output.dropped;
    await run({ settings, sockets, access, recorder, manager, log, droppedLogLines, onHopeless });
  } finally {
    manager.close();
    await output.flush();
  }
  // A read of a store that hangs would keep the process for as long as it takes.
  process.exit(OK);
}

/** Nothing runs on this thread meanwhile. */
function block(ms: number): void {
  if (ms > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, ms);
}

/** What the daemon is started with. */
interface Serving {
  readonly settings: ServeSettings;
  readonly sockets: ServeSockets;
  readonly access: AccessPolicy;
  readonly recorder: DecisionRecorder | undefined;
  readonly manager: ServiceManager;
  readonly log: Log;
  readonly droppedLogLines: () => number;
  /** Ends the process, for the reason given, as soon as it may be started again. */
  readonly onHopeless: (error: unknown) => void;
}

/** From the first thing that is opened to the last that is closed. */
async function run(serving: Serving): Promise<void> {
  const { settings, sockets, recorder, manager, log } = serving;
  const { workers } = settings;
  const daemon = await startDaemon(serving);
  const endRecording = recorder?.begin(daemon);
  const admin = await openAdmin(settings, sockets.inheritedAdmin, daemon.admin, log).catch(
    async (error: unknown) => {
      await daemon.destroy();
      throw error;
    },
  );
  log('info', 'ready', `signalbox ${packageVersion()} listens on ${sockets.path} with ${workers} workers`, {
    socket: sockets.path,
    workers,
    pid: process.pid,
  });
  const line = new StatusLine();
  manager.ready({
    figures: () => line.of(daemon.admin.status()),
    stuckWorkers: () => daemon.stuckWorkers,
  });
  await untilEnded(daemon, manager, settings.drainTimeout);
  await endRecording?.();
  await admin?.close();
}

async function startDaemon(serving: Serving): Promise<Daemon> {
  const { settings, sockets, access, recorder, manager, log, droppedLogLines, onHopeless } = serving;
  manager.starting('opening the store');
  // While it is opened the workers start, and so they do while the admin API is loaded: once requests come, the main
  // thread has other things to do, and they wait for it.
  const store = openStore(settings.store, {
    log,
    clock: monotonicClock,
    random: Math.random,
    migrate: settings.migrate,
    credentialsDirectory: credentialsDirectory(),
  });
  const hasAdmin = sockets.inheritedAdmin !== undefined || settings.admin !== undefined;
  const adminLoaded = store.then(() => {
    manager.starting('waiting for the workers');
    return hasAdmin ? loadAdmin() : undefined;
  });
  // Whoever waits for it hears of a failure, which may come before anybody does.
  adminLoaded.catch(() => undefined);
  try {
    return await Daemon.start({
      store,
      storeUrl: settings.store.replace(/:[^:@/]*@/, '@'),
      socketPath: sockets.path,
      socketPermissions: sockets.permissions,
      inheritedSockets: sockets.inherited,
      access,
      readAccess: () => accessPolicyOf(settings),
      workers: settings.workers,
      ttlMs: settings.ttl,
      maxStaleMs: settings.maxStale,
      resolveTimeoutMs: settings.resolveTimeout,
      maxFrameBytes: settings.maxFrameBytes,
      drainTimeoutMs: settings.drainTimeout,
      feedIntervalMs: settings.feedInterval,
      snapshotPath: settings.snapshot,
      listenAfter: adminLoaded,
      aroundReload: (reload) => {
        // However it is asked for, and whatever comes of it: it is what tools say that have moved logs away.
        recorder?.reopen();
        return manager.reloading(reload);
      },
      droppedLogLines,
      version: packageVersion(),
      clock: monotonicClock,
      log,
      onHopeless,
    });
  } catch (error) {
    await Promise.allSettled([adminLoaded, store.then((opened) => opened.close())]);
    throw error;
  }
}

/** Resolves when a signal has ended the daemon. */
function untilEnded(daemon: Daemon, manager: ServiceManager, drainTimeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const onSignal = (): void => {
      if (daemon.state !== 'draining') {
        manager.stopping('Ending: clients are asked to go elsewhere', drainTimeoutMs + END_MS);
        daemon.close().then(resolve, reject);
      } else {
        daemon.destroy().then(resolve, reject);
      }
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
    // To one in a terminal it says that the terminal is gone.
    if (!process.stdout.isTTY) process.on('SIGHUP', () => void daemon.admin.reload().catch(() => undefined));
  });
}
