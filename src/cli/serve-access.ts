// Who may connect to `signalbox serve`, and what they may ask for: the flags' names and files made into numbers.
import { AccessPolicy, type OrgGrant } from '../control/access/access-policy.js';
import { groupId, userId } from '../control/access/accounts.js';
import { canTellPeers } from '../control/access/peer.js';
import type { SocketPermissions } from '../control/sockets/socket-file.js';
import { SignalboxError } from '../errors.js';

export interface AccessSettings {
  readonly socketMode: number;
  readonly socketGroup?: string;
  readonly allowUid?: readonly string[];
  readonly allowGid?: readonly string[];
  readonly orgAccess?: string;
}

/** @throws SignalboxError `configuration` for accounts that don't exist and files that can't be understood. */
export async function accessPolicyOf(settings: AccessSettings): Promise<AccessPolicy> {
  const { allowUid = [], allowGid = [], orgAccess } = settings;
  const policy = new AccessPolicy({
    userIds: new Set(allowUid.map(userId)),
    groupIds: new Set(allowGid.map(groupId)),
    grants: orgAccess === undefined ? undefined : await readGrants(orgAccess),
  });
  if (policy.isOpen || canTellPeers) return policy;
  throw new SignalboxError(
    'configuration',
    `${process.platform} doesn't tell who connects: use --socket-mode and --socket-group instead`,
  );
}

/** @throws SignalboxError `configuration` for a group that doesn't exist. */
export function socketPermissionsOf({ socketMode, socketGroup }: AccessSettings): SocketPermissions {
  return { mode: socketMode, groupId: socketGroup === undefined ? undefined : groupId(socketGroup) };
}

/** Loads what reads the file, and the YAML library with it, only where there is one. */
async function readGrants(path: string): Promise<OrgGrant[]> {
  const { readOrgAccess } = await import('../control/access/org-access-file.js');
  return readOrgAccess(path);
}
