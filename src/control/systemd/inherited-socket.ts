// A listening socket that the service manager made: what it is, before anybody listens on it.
import { SignalboxError } from '../../errors.js';
import { unixSocketPath } from '../sockets/file-descriptors.js';

/**
 * Its path, for people; it may have none.
 *
 * @throws SignalboxError `configuration` for anything but a Unix socket: nobody looks at who connects over TCP.
 */
export function inheritedSocketPath(fd: number, name: string): string {
  const path = unixSocketPath(fd);
  if (path === undefined) {
    throw new SignalboxError(
      'configuration',
      `the inherited socket ${name} is no Unix socket: ListenStream= must be a path`,
    );
  }
  return path === '' ? `descriptor ${fd}` : path;
}
