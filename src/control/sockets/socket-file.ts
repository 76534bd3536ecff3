// The file of a listening socket. Its mode and its group are right from the moment at which it is there: whoever can
// see it could connect, and what was let in is in.
import { chown, mkdtemp, rename, rmdir } from 'node:fs/promises';
import { renameSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import type { Server } from 'node:net';
import { dirname, join } from 'node:path';
import { SignalboxError, messageOf, systemCode } from '../../errors.js';
import { checkSocketPath } from './socket-path.js';

/** Connections that the kernel holds while the main thread is busy. */
export const BACKLOG = 4096;

/** Permission bits of a file. */
const MODE_BITS = 0o777;

export interface SocketPermissions {
  /** Who may connect: those who may write to it. */
  readonly mode: number;
  /** Undefined: that of the process. */
  readonly groupId?: number | undefined;
}

/** Owner and group may connect. */
export const DEFAULT_SOCKET_PERMISSIONS: SocketPermissions = { mode: 0o660 };

/** @throws SignalboxError `configuration` if the path can't be listened on, or the group can't be had. */
export async function listenOnFile(
  server: Server,
  path: string,
  { mode, groupId }: SocketPermissions,
): Promise<void> {
  try {
    if (groupId === undefined) await bind(server, path, mode);
    else await bindAside(server, path, mode, groupId);
  } catch (error) {
    if (error instanceof SignalboxError) throw error;
    throw new SignalboxError('configuration', `cannot listen on ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** @throws SignalboxError `configuration` if it isn't a socket that listens. */
export async function listenOnDescriptor(server: Server, fd: number): Promise<void> {
  try {
    // Of a descriptor, Node takes no backlog but this one.
    server.listen({ fd }, BACKLOG);
    await once(server, 'listening');
  } catch (error) {
    throw new SignalboxError('configuration', `cannot listen on descriptor ${fd}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * Closes a server and leaves its file where it is, for the socket is somebody else's from now on: Node, which doesn't
 * know, removes what is at the path that it bound.
 */
export function closeKeepingFile(server: Server, path: string): void {
  const aside = `${path}.kept`;
  renameSync(path, aside);
  try {
    server.close();
  } finally {
    renameSync(aside, path);
  }
}

/** Removes the file of a server that is closed; Node knows of it only where it was bound. */
export function removeSocketFile(path: string): void {
  rmSync(path, { force: true });
}

/** Not `chmod`, which comes after the file: the kernel takes the mask into account as it makes it. */
async function bind(server: Server, path: string, mode: number): Promise<void> {
  // The socket is bound within the call, so the main thread makes no other file under this mask.
  const before = process.umask(MODE_BITS & ~mode);
  try {
    server.listen({ path, backlog: BACKLOG });
  } finally {
    process.umask(before);
  }
  await once(server, 'listening');
}

/**
 * A group can only be given to a file that exists. So it comes into being where nobody else may look, and is moved
 * when it is as it should be.
 */
async function bindAside(server: Server, path: string, mode: number, groupId: number): Promise<void> {
  const directory = await mkdtemp(join(dirname(path), '.s'));
  const aside = join(directory, 's');
  try {
    checkSocketPath(aside);
    await bind(server, aside, mode);
    await chown(aside, -1, groupId).catch((error: unknown) => {
      throw systemCode(error) === 'EPERM' ? mustBeMember(path, groupId, error) : error;
    });
    await rename(aside, path);
  } catch (error) {
    server.close();
    rmSync(aside, { force: true });
    throw error;
  } finally {
    await rmdir(directory);
  }
}

function mustBeMember(path: string, groupId: number, cause: unknown): SignalboxError {
  return new SignalboxError(
    'configuration',
    `cannot give ${path} to the group ${groupId}: the daemon's user must be a member of it`,
    { cause },
  );
}
