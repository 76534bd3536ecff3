// Where the admin API listens: a Unix socket of the daemon's own user, or TCP on loopback. Never anything that other
// hosts can reach: the API has no TLS.
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, BlockList, isIP } from 'node:net';
import { SignalboxError, messageOf } from '../errors.js';
import { type Access, tcpAccess } from './access.js';

export type AdminListen =
  /** A Unix socket that listens already, made by somebody else; the path is what others know it by. */
  | { readonly fd: number; readonly path: string }
  /** The path must be free, and is the caller's to claim. */
  | { readonly path: string }
  /** Port 0: any that is free. */
  | { readonly host: string; readonly port: number; readonly token: string };

export type AdminAddress = { readonly path: string } | { readonly host: string; readonly port: number };

export interface Listening {
  readonly address: AdminAddress;
  /** Undefined: whoever can connect may ask. */
  readonly access: Access | undefined;
}

/** Only the owner may connect, from the first moment on. */
const SOCKET_UMASK = 0o177;

const HOSTS = ['127.0.0.1', '::1', 'localhost'];

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** @throws SignalboxError `configuration` */
export async function listen(server: Server, where: AdminListen): Promise<Listening> {
  if ('fd' in where) {
    await listening(server, where.path, () => server.listen({ fd: where.fd }));
    return { address: { path: where.path }, access: undefined };
  }
  if ('path' in where) {
    await listening(server, where.path, () => {
      // The socket is bound within the call, so no other file is made under this umask, and there is no moment at
      // which the mode is another.
      const before = process.umask(SOCKET_UMASK);
      try {
        server.listen({ path: where.path });
      } finally {
        process.umask(before);
      }
    });
    return { address: { path: where.path }, access: undefined };
  }
  const { host, port, token } = where;
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new SignalboxError(
      'configuration',
      'the admin API on TCP needs a token of visible ASCII characters, without spaces',
    );
  }
  const address = await loopbackAddress(host);
  await listening(server, `${host}:${port}`, () => server.listen({ host: address, port }));
  const { port: bound } = server.address() as AddressInfo;
  return { address: { host: address, port: bound }, access: tcpAccess(bound, token) };
}

/** What a name means is looked at before anything listens, not after. */
async function loopbackAddress(host: string): Promise<string> {
  const refused = (detail: string): SignalboxError =>
    new SignalboxError('configuration', `the admin API listens on ${HOSTS.join(', ')} only: ${detail}`);
  if (!HOSTS.includes(host)) throw refused(`got ${host}`);
  const { address } = await lookup(host).catch((error: unknown) => {
    throw refused(messageOf(error));
  });
  if (!loopback.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')) {
    throw refused(`here ${host} is ${address}`);
  }
  return address;
}

async function listening(server: Server, where: string, start: () => void): Promise<void> {
  try {
    start();
    await once(server, 'listening');
  } catch (error) {
    throw new SignalboxError(
      'configuration',
      `the admin API cannot listen on ${where}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
