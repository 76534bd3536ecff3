// Where `signalbox serve` listens: on sockets that a service manager has made and passes on, or on paths of its own.
// Whatever can be seen to be wrong is said before anything starts.
import type { ServeSettings } from '../config.js';
import type { InheritedSockets } from '../control/systemd/environment.js';
import { inheritedSocketPath } from '../control/systemd/inherited-socket.js';
import type { SocketPermissions } from '../control/sockets/socket-file.js';
import { checkSocketPath } from '../control/sockets/socket-path.js';
import { SignalboxError } from '../errors.js';
import { socketPermissionsOf } from './serve-access.js';
import { checkAdmin } from './serve-admin.js';

export interface ServeSockets {
  /** The gateways'; of several, the first. */
  readonly path: string;
  /** Of that path, if it is to be made. */
  readonly permissions: SocketPermissions | undefined;
  /** Descriptors of the gateways' that were passed on. None: the path is to be made. */
  readonly inherited: readonly number[];
  readonly inheritedAdmin: { readonly fd: number; readonly path: string } | undefined;
}

/** @throws SignalboxError `configuration` */
export function serveSockets(settings: ServeSettings, { gateway, admin }: InheritedSockets): ServeSockets {
  const [path = settings.socket] = gateway.map((fd) => inheritedSocketPath(fd, 'gateway'));
  const [inheritedAdmin, ...more] = admin.map((fd) => ({ fd, path: inheritedSocketPath(fd, 'admin') }));
  if (more.length > 0) {
    throw new SignalboxError('configuration', 'there is one admin API: pass on one socket named admin');
  }
  const permissions = gateway.length === 0 ? socketPermissionsOf(settings) : undefined;
  if (gateway.length === 0) checkSocketPath(path);
  if (inheritedAdmin === undefined) checkAdmin(settings);
  return { path, permissions, inherited: gateway, inheritedAdmin };
}
