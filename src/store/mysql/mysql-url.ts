// `mysql://user@host,host:3307/database?…` → where the servers are and how to log in. A password never stands on the
// command line, where every process can read it: it comes from a file.
import { readFileSync } from 'node:fs';
import { SignalboxError, messageOf } from '../../errors.js';

export interface MysqlHost {
  /** For people. */
  readonly name: string;
  readonly endpoint: { readonly host: string; readonly port: number } | { readonly socketPath: string };
}

export interface MysqlAddress {
  /** In order of preference. */
  readonly hosts: readonly MysqlHost[];
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Undefined: no TLS. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
}

const DEFAULT_PORT = 3306;
const PARAMETERS = ['socket', 'password_file', 'tls', 'tls_ca', 'tls_cert', 'tls_key'];

/** @throws SignalboxError `configuration` */
export function parseMysqlUrl(text: string): MysqlAddress {
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
  const passwordFile = searchParams.get('password_file');
  return {
    hosts,
    user,
    password: passwordFile === null ? '' : read(passwordFile).replace(/\r?\n$/, ''),
    database,
    tls: tlsOf(searchParams),
  };
}

function parseHost(text: string): MysqlHost {
  const [, host, port] = /^(\[[0-9a-f:]+\]|[^:]+)(?::(\d{1,5}))?$/i.exec(text) ?? [];
  if (host === undefined) fail(`${JSON.stringify(text)} is no host`);
  const endpoint = {
    host: host.replace(/^\[|\]$/g, ''),
    port: port === undefined ? DEFAULT_PORT : Number(port),
  };
  return { name: text, endpoint };
}

function tlsOf(parameters: URLSearchParams): MysqlAddress['tls'] {
  const files = { ca: 'tls_ca', cert: 'tls_cert', key: 'tls_key' } as const;
  const tls: { ca?: string; cert?: string; key?: string } = {};
  let isWanted = parameters.get('tls') === 'true';
  for (const [name, parameter] of Object.entries(files)) {
    const path = parameters.get(parameter);
    if (path === null) continue;
    isWanted = true;
    tls[name as keyof typeof files] = read(path);
  }
  return isWanted ? tls : undefined;
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
