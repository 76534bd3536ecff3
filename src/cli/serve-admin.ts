// The admin API of `signalbox serve`: where `--admin` says, on a path that is claimed as the gateway's is.
import { readFile } from 'node:fs/promises';
import type { AdminBackend } from '../admin/backend.js';
import type { AdminServer } from '../admin/server.js';
import { SocketPathClaim, checkSocketPath } from '../control/sockets/socket-path.js';
import { SignalboxError, messageOf } from '../errors.js';
import type { Log } from '../log.js';
import { type AdminAddress, parseAdminAddress } from './admin/address.js';

export interface AdminSettings {
  readonly admin?: string;
  readonly adminTokenFile?: string;
}

export class AdminEndpoint {
  readonly #server: AdminServer;
  readonly #claim: SocketPathClaim | undefined;

  constructor(server: AdminServer, claim: SocketPathClaim | undefined) {
    this.#server = server;
    this.#claim = claim;
  }

  async close(): Promise<void> {
    await this.#server.close();
    await this.#claim?.release();
  }
}

/** @throws SignalboxError `configuration` for what can be seen to be wrong before anything starts. */
export function checkAdmin(settings: AdminSettings): void {
  const address = addressOf(settings);
  if (address?.kind === 'unix') checkSocketPath(address.path);
  if (address?.kind === 'tcp' && settings.adminTokenFile === undefined) {
    throw new SignalboxError('configuration', 'an admin API on TCP needs a token: --admin-token-file PATH');
  }
}

/** For a daemon that has an admin API: loading the HTTP framework takes a tenth of a second, and is done once. */
export async function loadAdmin(): Promise<void> {
  await import('../admin/server.js');
}

/**
 * @param inherited a socket that a service manager has made for the admin API, which wins over `--admin`.
 * @throws SignalboxError `configuration` if it can't be served there.
 */
export async function openAdmin(
  settings: AdminSettings,
  inherited: { readonly fd: number; readonly path: string } | undefined,
  backend: AdminBackend,
  log: Log,
): Promise<AdminEndpoint | undefined> {
  const address = inherited ?? addressOf(settings);
  if (address === undefined) return undefined;
  const { startAdminServer } = await import('../admin/server.js');
  if ('fd' in address) {
    return new AdminEndpoint(await startAdminServer({ backend, listen: address, log }), undefined);
  }
  if (address.kind === 'tcp') {
    const { host, port } = address;
    const token = await readToken(settings.adminTokenFile ?? '');
    return new AdminEndpoint(
      await startAdminServer({ backend, listen: { host, port, token }, log }),
      undefined,
    );
  }
  const claim = await SocketPathClaim.take(address.path);
  try {
    return new AdminEndpoint(await startAdminServer({ backend, listen: { path: address.path }, log }), claim);
  } catch (error) {
    await claim.release();
    throw error;
  }
}

function addressOf({ admin }: AdminSettings): AdminAddress | undefined {
  if (admin === undefined) return undefined;
  const address = parseAdminAddress(admin);
  if (address === undefined) {
    throw new SignalboxError('configuration', `--admin ${admin} is neither a path nor HOST:PORT`);
  }
  return address;
}

async function readToken(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw new SignalboxError('configuration', `cannot read the token of the admin API: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
