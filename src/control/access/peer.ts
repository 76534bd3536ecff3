// Who is at the other end of a Unix socket, as the kernel knows it: the user and the groups that the process had when
// it connected. Nothing that a client sends comes into it.
import { socketOption } from '../sockets/file-descriptors.js';

export interface Peer {
  readonly uid: number;
  readonly gid: number;
  /** The supplementary groups. */
  readonly groups: readonly number[];
}

// Linux's numbers; of the last, since 4.13.
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const SO_PEERGROUPS = 59;

/** `struct ucred`: process, user, group. */
const CREDENTIALS_BYTES = 12;

/** Room for 32 groups at first; most processes have fewer. */
const GROUPS_BYTES = 128;

/** Whether the system tells who connects. */
export const canTellPeers = process.platform === 'linux';

/** Whose process it is; undefined: the kernel doesn't say. */
export function userOf(fd: number): number | undefined {
  return words(socketOption(fd, SOL_SOCKET, SO_PEERCRED, CREDENTIALS_BYTES))[1];
}

/** Undefined: the kernel doesn't say. */
export function peerOf(fd: number): Peer | undefined {
  const [, uid, gid] = words(socketOption(fd, SOL_SOCKET, SO_PEERCRED, CREDENTIALS_BYTES));
  if (uid === undefined || gid === undefined) return undefined;
  return { uid, gid, groups: words(socketOption(fd, SOL_SOCKET, SO_PEERGROUPS, GROUPS_BYTES)) };
}

function words(bytes: Uint8Array = new Uint8Array()): number[] {
  return [...new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / Uint32Array.BYTES_PER_ELEMENT)];
}
