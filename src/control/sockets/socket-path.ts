// Whose socket path it is. A path is taken over from a daemon that died, and never from one that lives: an advisory
// lock beside it tells the two apart for certain (it ends with its process), and a connection tells of servers that
// don't know the lock.
import { type FileHandle, lstat, open, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { SignalboxError, messageOf, systemCode } from '../../errors.js';
import { tryLock } from './file-descriptors.js';

/** `sun_path` holds 108 bytes with the final zero; Node cuts a longer path off without a word. */
const SOCKET_PATH_BYTES_MAX = 107;

/** @throws SignalboxError `configuration` for a path that no socket can have. */
export function checkSocketPath(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (path === '' || path.startsWith('\0') || path.startsWith('@')) {
    throw new SignalboxError(
      'configuration',
      'the socket path must name a file: an abstract socket has no permissions',
    );
  }
  if (bytes > SOCKET_PATH_BYTES_MAX) {
    throw new SignalboxError(
      'configuration',
      `the socket path is ${bytes} bytes long, and ${SOCKET_PATH_BYTES_MAX} is the most: choose a shorter one than ${path}`,
    );
  }
}

export class SocketPathClaim {
  readonly path: string;
  readonly #lock: FileHandle;

  private constructor(path: string, lock: FileHandle) {
    this.path = path;
    this.#lock = lock;
  }

  /**
   * Makes sure that nobody listens on the path and that no file is there.
   *
   * @throws SignalboxError `configuration` if the path is in use, isn't a socket or can't be had.
   */
  static async take(path: string): Promise<SocketPathClaim> {
    checkSocketPath(path);
    let lock: FileHandle;
    try {
      lock = await open(`${path}.lock`, 'a', 0o600);
    } catch (error) {
      throw new SignalboxError('configuration', `cannot listen on ${path}: ${messageOf(error)}`, {
        cause: error,
      });
    }
    try {
      if (!tryLock(lock.fd)) throw inUse(path);
      await removeStaleSocket(path);
      return new SocketPathClaim(path, lock);
    } catch (error) {
      await lock.close();
      throw error;
    }
  }

  /** Gives the path up; the lock's file stays, for to remove it is to race with whoever opens it. */
  async release(): Promise<void> {
    await this.#lock.close();
  }
}

async function removeStaleSocket(path: string): Promise<void> {
  const stats = await lstat(path).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw new SignalboxError('configuration', `cannot listen on ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  });
  if (stats === undefined) return;
  if (!stats.isSocket()) {
    throw new SignalboxError(
      'configuration',
      `cannot listen on ${path}: there is a file that is no socket; remove it or choose another path`,
    );
  }
  if (await answers(path)) throw inUse(path);
  await unlink(path);
}

function inUse(path: string): SignalboxError {
  return new SignalboxError(
    'configuration',
    `cannot listen on ${path}: another daemon does; stop it or choose another path`,
  );
}

/** Anything but a refusal means that somebody may be there. */
async function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', (error) => {
      resolve(systemCode(error) !== 'ECONNREFUSED');
    });
  });
}
