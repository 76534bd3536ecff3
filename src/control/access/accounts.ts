// Users and groups by name or number, as the system's own accounts have them: whatever serves getpwnam and getgrnam,
// so directories and a service manager's dynamic users count too.
import koffi from 'koffi';
import { SignalboxError } from '../../errors.js';

const libc = koffi.load(process.platform === 'darwin' ? 'libSystem.dylib' : null);

// What these begin with is the same everywhere.
koffi.struct('SignalboxPasswd', { name: 'char *', password: 'char *', uid: 'uint32_t', gid: 'uint32_t' });
koffi.struct('SignalboxGroup', { name: 'char *', password: 'char *', gid: 'uint32_t' });
const getpwnam = libc.func('SignalboxPasswd *getpwnam(const char *name)') as (name: string) => unknown;
const getgrnam = libc.func('SignalboxGroup *getgrnam(const char *name)') as (name: string) => unknown;

const ID_MAX = 2 ** 32 - 2;

/** @throws SignalboxError `configuration` if there is no such user. */
export function userId(nameOrNumber: string): number {
  return numberOf(nameOrNumber) ?? found('user', nameOrNumber, getpwnam(nameOrNumber), 'SignalboxPasswd').uid;
}

/** @throws SignalboxError `configuration` if there is no such group. */
export function groupId(nameOrNumber: string): number {
  return numberOf(nameOrNumber) ?? found('group', nameOrNumber, getgrnam(nameOrNumber), 'SignalboxGroup').gid;
}

/** A number needs no account. */
function numberOf(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const id = Number(text);
  if (id <= ID_MAX) return id;
  throw new SignalboxError(
    'configuration',
    `${text} is no user's or group's number: ${ID_MAX} is the highest`,
  );
}

function found(kind: string, name: string, pointer: unknown, type: string): { uid: number; gid: number } {
  if (pointer === null) {
    throw new SignalboxError('configuration', `this system knows no ${kind} called "${name}"`);
  }
  return koffi.decode(pointer, type) as { uid: number; gid: number };
}
