// What a service manager tells a process that it starts, by environment variables: sockets that it listens on for us
// (sd_listen_fds(3)), where to say how we do (sd_notify(3)), how often it wants to hear (sd_watchdog_enabled(3)),
// and that its journal reads our output. Parsed once; systemd is what sets them, but anything may.
import { SignalboxError } from '../../errors.js';

export interface ServiceEnvironment {
  /** Listening sockets, by what they are for. */
  readonly sockets: InheritedSockets;
  /** A path, or `@` and a name. */
  readonly notifySocket: string | undefined;
  /** Silence for longer than this means that we hang. */
  readonly watchdogMs: number | undefined;
  /** Device and inode of the stream that the journal reads. */
  readonly journalStream: string | undefined;
}

/** Descriptors. */
export interface InheritedSockets {
  readonly gateway: readonly number[];
  readonly admin: readonly number[];
}

export const SERVICE_VARIABLES = [
  'LISTEN_PID',
  'LISTEN_FDS',
  'LISTEN_FDNAMES',
  'LISTEN_PIDFDID',
  'NOTIFY_SOCKET',
  'WATCHDOG_PID',
  'WATCHDOG_USEC',
  'JOURNAL_STREAM',
] as const;

type Variables = Readonly<Record<string, string | undefined>>;

/** The first descriptor that is passed on. */
const LISTEN_FDS_START = 3;

/** @throws SignalboxError `configuration` for sockets that nobody knows what to do with. */
export function parseServiceEnvironment(variables: Variables, pid: number): ServiceEnvironment {
  return {
    sockets: inheritedSockets(variables, pid),
    notifySocket: nonEmpty(variables['NOTIFY_SOCKET']),
    watchdogMs: watchdogMs(variables, pid),
    journalStream: nonEmpty(variables['JOURNAL_STREAM']),
  };
}

function inheritedSockets(variables: Variables, pid: number): InheritedSockets {
  const { LISTEN_FDS: count, LISTEN_PID: meant, LISTEN_FDNAMES: names } = variables;
  if (count === undefined) return { gateway: [], admin: [] };
  if (Number(meant) !== pid) {
    throw refused(
      `the sockets of LISTEN_FDS are meant for process ${meant ?? '?'}, and this is ${pid}: start node itself, without npm or a shell around it`,
    );
  }
  if (!/^\d+$/.test(count)) throw refused(`LISTEN_FDS must be a number, not ${JSON.stringify(count)}`);
  // Who passes one socket and no name means the gateways'.
  const named = nonEmpty(names)?.split(':') ?? (count === '1' ? ['gateway'] : []);
  const sockets: Record<keyof InheritedSockets, number[]> = { gateway: [], admin: [] };
  for (let index = 0; index < Number(count); index += 1) {
    const name = named[index];
    if (name !== 'gateway' && name !== 'admin') {
      throw refused(
        `an inherited socket is named ${JSON.stringify(name ?? '')}: set FileDescriptorName= to gateway or admin`,
      );
    }
    sockets[name].push(LISTEN_FDS_START + index);
  }
  return sockets;
}

/** The watchdog may be meant for another process of the service. */
function watchdogMs(
  { WATCHDOG_USEC: usec, WATCHDOG_PID: meant }: Variables,
  pid: number,
): number | undefined {
  if (usec === undefined || (meant !== undefined && Number(meant) !== pid)) return undefined;
  const ms = Number(usec) / 1000;
  return ms > 0 ? ms : undefined;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function refused(message: string): SignalboxError {
  return new SignalboxError('configuration', message);
}
