// `mysql://user@host,host:3307/database?…` → where the servers are and how to log in. A password never stands on the
// command line, where every process can read it: it comes from a file, or from a credential of systemd's, which is a
// file too.
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { SignalboxError, messageOf } from '../../errors.js';

export interface MysqlHost {
  /** For people. */
  readonly name: string;
  readonly endpoint: { readonly host: string; readonly port: number } | { readonly socketPath: string };
}

export interface MysqlTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Whether a server's certificate has to be of the host's name, or only of the authority. */
  readonly verifyIdentity: boolean;
}

export interface MysqlAddress {
  /** In order of preference. */
  readonly hosts: readonly MysqlHost[];
  readonly user: string;
  /** Looks again: a password may be changed while a daemon runs. @throws SignalboxError `configuration` */
  readonly password: () => string;
  readonly database: string;
  /** Undefined: no TLS. */
  readonly tls: MysqlTls | undefined;
}

const DEFAULT_PORT = 3306;
const PORT_MAX = 65_535;
const TLS_FILES = { ca: 'tls_ca', cert: 'tls_cert', key: 'tls_key' } as const;
const PARAMETERS = [
  ...['socket', 'password_file', 'password_credential', 'tls', 'tls_verify'],
  ...Object.values(TLS_FILES),
];

/**
 * @param credentialsDirectory where systemd put this service's credentials, if it did.
 * @throws SignalboxError `configuration`
 */
export function parseMysqlUrl(text: string, credentialsDirectory?: string): MysqlAddress {
  // Several hosts are more than the URL standard knows, so they are taken out first.
  const [, login, hostList, rest] = /^mysql:\/\/(?:([^@/?#]*)@)?([^/?#]*)(\/[^#]*)$/i.exec(text) ?? [];
  if (hostList === undefined || rest === undefined) fail('expected mysql://USER@HOST[,HOST…]/DATABASE');
  const { pathname, searchParams } = new URL(`mysql://host${rest}`);
  for (const name of searchParams.keys()) {
    if (!PARAMETERS.includes(name)) fail(`unknown parameter ${name}; there are ${PARAMETERS.join(', ')}`);
  }
  const database = decode(pathname.slice(1));
  if (database === '' || database.includes('/')) fail('the database is missing: mysql://USER@HOST/DATABASE');
  if (login?.includes(':') === true) {
    fail(
      'a password in it could be read by every process on the host: name a file with it, ?password_file=PATH',
    );
  }
  const user = decode(login ?? '');
  if (user === '') fail('the user is missing: mysql://USER@HOST/DATABASE');
  const socket = searchParams.get('socket');
  const hosts =
    socket === null
      ? hostList.split(',').map(parseHost)
      : [{ name: socket, endpoint: { socketPath: socket } }];
  const passwordFile = passwordFileOf(searchParams, credentialsDirectory);
  const password = (): string => (passwordFile === undefined ? '' : read(passwordFile).replace(/\r?\n$/, ''));
  // What is wrong is said before anything starts.
  password();
  return { hosts, user, password, database, tls: tlsOf(searchParams, hosts) };
}

function passwordFileOf(
  parameters: URLSearchParams,
  credentialsDirectory: string | undefined,
): string | undefined {
  const file = parameters.get('password_file');
  const credential = parameters.get('password_credential');
  if (credential === null) return file ?? undefined;
  if (file !== null) fail('password_file and password_credential are two passwords: say one');
  if (credential === '' || credential.startsWith('.') || credential.includes('/')) {
    fail(`${JSON.stringify(credential)} is no name of a credential`);
  }
  if (credentialsDirectory === undefined) {
    fail(
      `password_credential=${credential} is for a service of systemd with LoadCredential=${credential}:PATH, ` +
        'which gives CREDENTIALS_DIRECTORY to it: there is none here; name a file, ?password_file=PATH',
    );
  }
  return join(credentialsDirectory, credential);
}

function parseHost(text: string): MysqlHost {
  const [, host, port] = /^(\[[0-9a-f:]+\]|[^:]+)(?::(\d{1,5}))?$/i.exec(text) ?? [];
  if (host === undefined) fail(`${JSON.stringify(text)} is no host`);
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  if (number < 1 || number > PORT_MAX) fail(`${JSON.stringify(text)} has no port from 1 to ${PORT_MAX}`);
  return { name: text, endpoint: { host: host.replace(/^\[|\]$/g, ''), port: number } };
}

function tlsOf(parameters: URLSearchParams, hosts: readonly MysqlHost[]): MysqlTls | undefined {
  const verify = parameters.get('tls_verify') ?? 'name';
  if (verify !== 'name' && verify !== 'ca') fail('tls_verify is name or ca');
  const files = Object.entries(TLS_FILES).flatMap(([name, parameter]) => {
    const path = parameters.get(parameter);
    return path === null ? [] : [[name, read(path)] as const];
  });
  if (files.length === 0 && parameters.get('tls') !== 'true') return undefined;
  const nameless = hosts.find(({ endpoint }) => !('host' in endpoint) || isIP(endpoint.host) !== 0);
  if (verify === 'name' && nameless !== undefined) {
    fail(
      `with TLS a server's certificate is compared with its name, and ${nameless.name} is none: ` +
        'say the name, or tls_verify=ca to take any certificate of the authority',
    );
  }
  return { ...Object.fromEntries(files), verifyIdentity: verify === 'name' };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new SignalboxError(
      'configuration',
      `cannot read ${path}, which the store needs: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return fail(`${JSON.stringify(text)} is not percent-encoded as a URL is`);
  }
}

function fail(why: string): never {
  throw new SignalboxError('configuration', `the store's URL is wrong: ${why}`);
}
