// Settings: flags win over environment variables, which win over defaults. Each is parsed here, once, and what comes
// out is trusted from then on. No other file reads the environment.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { LOG_FORMATS } from './control/log-format.js';
import {
  SERVICE_VARIABLES,
  type ServiceEnvironment,
  parseServiceEnvironment,
} from './control/systemd/environment.js';
import type { LogLevel } from './log.js';
import { DEFAULT_MAX_FRAME_BYTES } from './protocol/messages.js';

/** `signalbox serve`, as commander hands it over: the keys are the flags' names. */
export interface ServeSettings {
  readonly store: string;
  readonly socket: string;
  readonly socketMode: number;
  readonly socketGroup?: string;
  readonly allowUid?: readonly string[];
  readonly allowGid?: readonly string[];
  readonly orgAccess?: string;
  readonly workers: number;
  readonly ttl: number;
  readonly maxStale: number;
  readonly resolveTimeout: number;
  readonly maxFrameBytes: number;
  readonly drainTimeout: number;
  readonly feedInterval: number;
  readonly logLevel: LogLevel;
  readonly logFormat: (typeof LOG_FORMATS)[number];
  readonly migrate: 'auto' | 'check';
  readonly snapshot?: string;
  readonly admin?: string;
  readonly adminTokenFile?: string;
  readonly decisionLog?: string;
  readonly decisionLogSample: number;
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const satisfies readonly LogLevel[];

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;
const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND_MS,
  m: 60 * SECOND_MS,
  h: HOUR_MS,
  d: 24 * HOUR_MS,
};

/** What setTimeout can wait, some 24 days, and more than anybody means. */
const DURATION_MAX_MS = 2 ** 31 - 1;

/** More threads than this are a mistake. */
const WORKERS_MAX = 64;

/** One serves a hundred thousand requests a second and more, and the gateways beside us need cores too. */
const DEFAULT_WORKERS_MAX = 4;

/** Owner and group may connect. */
const DEFAULT_SOCKET_MODE = 0o660;

const MAX_FRAME_BYTES_MIN = 1024;
const MAX_FRAME_BYTES_MAX = 64 * 1024 * 1024;

/** The socket, for whoever serves it and whoever connects to it. */
export function socketOption(): Option {
  return setting('--socket <path>', 'the Unix socket of the daemon').default(defaultSocketPath());
}

/** The store, for commands that open it. */
export function storeOption(): Option {
  return setting(
    '--store <url>',
    'where the routes are: file:PATH, mysql://USER@HOST/DATABASE, or memory: for none',
  ).makeOptionMandatory();
}

/** The settings of `signalbox serve`. */
export function serveOptions(): Option[] {
  const defaultWorkers = Math.max(1, Math.min(availableParallelism(), DEFAULT_WORKERS_MAX));
  return [
    storeOption(),
    socketOption(),
    setting('--socket-mode <mode>', 'the permissions of the socket’s file, in octal')
      .default(DEFAULT_SOCKET_MODE, '0660')
      .argParser(parseSocketMode),
    setting('--socket-group <group>', 'the group of the socket’s file, by name or number'),
    accounts('--allow-uid <users>', 'users who may connect, by name or number, separated by commas'),
    accounts('--allow-gid <groups>', 'groups whose members may connect, in the same way'),
    setting('--org-access <path>', 'the file that says which users and groups may ask for which orgs'),
    setting('--migrate <mode>', 'what to do about a database schema that is too old')
      .default('auto')
      .choices(['auto', 'check']),
    setting('--workers <n>', 'worker threads').default(defaultWorkers).argParser(integerFrom(1, WORKERS_MAX)),
    duration('--ttl <duration>', 'how long routes are fresh after they were read', 60 * SECOND_MS, '60s'),
    duration(
      '--max-stale <duration>',
      'how long the last good routes outlive a failing store',
      24 * HOUR_MS,
      '24h',
    ),
    duration(
      '--resolve-timeout <duration>',
      'how long a request waits for its routes to be read',
      50,
      '50ms',
    ),
    setting('--max-frame-bytes <n>', 'the longest request')
      .default(DEFAULT_MAX_FRAME_BYTES)
      .argParser(integerFrom(MAX_FRAME_BYTES_MIN, MAX_FRAME_BYTES_MAX)),
    setting('--admin <path|host:port>', 'serve the admin API on a Unix socket, or on loopback with a token'),
    setting('--admin-token-file <path>', 'the file with the token of an admin API on loopback'),
    setting('--decision-log <path>', 'write decisions to this file, a JSON object a line'),
    setting('--decision-log-sample <part>', 'which part of the decisions: 1 is all, 0.01 one in a hundred')
      .default(1)
      .argParser(parsePart),
    setting(
      '--snapshot <path>',
      'keep the last good routes in this file, for a start while the store is down',
    ),
    duration(
      '--drain-timeout <duration>',
      'how long the end waits for clients to go elsewhere',
      10 * SECOND_MS,
      '10s',
    ),
    duration(
      '--feed-interval <duration>',
      'how often the store is asked what changed; 0s leaves it to the time to live',
      100,
      '100ms',
    ),
    setting('--log-level <level>', 'the least important lines that are logged')
      .default('info')
      .choices(LOG_LEVELS),
    setting('--log-format <format>', 'auto: plain on a terminal, with priorities for the journal, else JSON')
      .default('auto')
      .choices(LOG_FORMATS),
  ];
}

/** Where systemd put the credentials of the service that we are, if it did. */
export function credentialsDirectory(): string | undefined {
  return process.env['CREDENTIALS_DIRECTORY'];
}

/**
 * What the service manager that started this process says. It is meant for this process and no other, so it is taken
 * out of the environment.
 *
 * @throws SignalboxError `configuration`
 */
export function takeServiceEnvironment(): ServiceEnvironment {
  const environment = parseServiceEnvironment(process.env, process.pid);
  for (const name of SERVICE_VARIABLES) Reflect.deleteProperty(process.env, name);
  return environment;
}

/** Whether a service manager started this process, and hears of it; until its environment is taken. */
export function isSupervised(): boolean {
  return (process.env['NOTIFY_SOCKET'] ?? '') !== '';
}

/** `1`, `0.01`: a part of a whole that isn't nothing. @throws InvalidArgumentError */
export function parsePart(text: string): number {
  const part = /^\d{1,3}(\.\d{1,9})?$/.test(text) ? Number(text) : NaN;
  if (part > 0 && part <= 1) return part;
  throw new InvalidArgumentError('expected a number above 0 and up to 1, as 0.01');
}

/** `50ms`, `60s`, `1.5h` → milliseconds. @throws InvalidArgumentError */
export function parseDuration(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const ms = Number(number) * (UNIT_MS[unit ?? ''] ?? NaN);
  if (!(ms <= DURATION_MAX_MS)) {
    throw new InvalidArgumentError(
      'expected a number and a unit, such as 50ms, 60s or 24h, of at most 24 days',
    );
  }
  return ms;
}

/** A variable that is empty is more likely forgotten than meant, and no setting can be nothing. @throws InvalidArgumentError */
function parseText(text: string): string {
  if (text !== '') return text;
  throw new InvalidArgumentError('expected something: leave it out for the default');
}

/** `0660` → the permission bits. @throws InvalidArgumentError */
function parseSocketMode(text: string): number {
  // To connect is to write; a bit to execute means nothing, and 0000 would let in nobody but root.
  if (/^0?[0-7]{3}$/.test(text) && (parseInt(text, 8) & 0o222) !== 0) return parseInt(text, 8);
  throw new InvalidArgumentError('expected permissions in octal, such as 0660, that let somebody write');
}

/** @throws InvalidArgumentError */
function parseAccounts(text: string, before: readonly string[] = []): readonly string[] {
  const accounts = text.split(',').map((account) => account.trim());
  if (!accounts.includes('')) return [...before, ...accounts];
  throw new InvalidArgumentError('expected names or numbers, separated by commas');
}

/** @throws InvalidArgumentError from the parser that is returned */
export function integerFrom(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}`);
  };
}

/** A flag whose environment variable is SIGNALBOX_ and its name in capitals. */
function setting(flags: string, description: string): Option {
  const option = new Option(flags, description).argParser(parseText);
  return option.env(`SIGNALBOX_${option.name().toUpperCase().replaceAll('-', '_')}`);
}

/** May be given more than once. */
function accounts(flags: string, description: string): Option {
  return setting(flags, description).argParser(parseAccounts);
}

function duration(flags: string, description: string, defaultMs: number, shown: string): Option {
  return setting(flags, description).default(defaultMs, shown).argParser(parseDuration);
}

/** In the user's own runtime directory where there is one: nobody else can put a socket there. An empty one is none. */
function defaultSocketPath(): string {
  const directory = process.env['XDG_RUNTIME_DIR'] ?? '';
  return join(directory === '' ? '/tmp' : directory, 'signalbox.sock');
}
