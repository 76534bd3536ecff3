// What every command over the admin API is told: where that is, the token, and for a change, who makes it and why.
import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { SignalboxError, messageOf } from '../../errors.js';
import { parseOrgId } from '../../protocol/org-id.js';
import { userName } from '../user-name.js';
import { parseAdminAddress } from './address.js';
import type { AdminClient } from './admin-client.js';

export interface AdminFlags {
  readonly admin?: string;
  readonly adminTokenFile?: string;
  readonly json?: boolean;
  readonly actor?: string;
  readonly reason?: string;
}

/** The flags of a command that only looks. */
export function withAdminOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--admin <path|host:port>', "the daemon's admin API, as it was given to serve").env(
        'SIGNALBOX_ADMIN',
      ),
    )
    .addOption(
      new Option('--admin-token-file <path>', 'a file with the token of an admin API over TCP').env(
        'SIGNALBOX_ADMIN_TOKEN_FILE',
      ),
    )
    .option('--json', 'print JSON, in the names of the API');
}

/** The flags of a command that changes something. */
export function withChangeOptions(command: Command): Command {
  return withAdminOptions(command)
    .option('--actor <name>', "who makes the change, for the history (default: the user's name)")
    .option('--reason <text>', 'why, for the history');
}

export function orgOption(): Option {
  return new Option('--org <uuid>', 'the org').argParser(parseOrg).makeOptionMandatory();
}

/** `--org A --org B`. */
export function orgsOption(description: string): Option {
  const collect = (text: string, before: readonly string[] | undefined): string[] => [
    ...new Set([...(before ?? []), parseOrg(text)]),
  ];
  return new Option('--org <uuid>', `${description}; repeatable`).argParser(collect);
}

function parseOrg(text: string): string {
  const org = parseOrgId(text);
  if (org === undefined) throw new InvalidArgumentError('expected a UUID');
  return org;
}

/** Connects, and lets go whatever becomes of it. */
export async function withAdmin<T>(flags: AdminFlags, use: (admin: AdminClient) => Promise<T>): Promise<T> {
  const { admin: text, adminTokenFile, actor = userName(), reason } = flags;
  if (text === undefined) {
    const how = '--admin PATH or --admin HOST:PORT, or SIGNALBOX_ADMIN';
    throw new SignalboxError(
      'usage',
      `say where the daemon's admin API is, as it was given to serve: ${how}`,
    );
  }
  const address = parseAdminAddress(text);
  if (address === undefined)
    throw new SignalboxError('usage', `--admin: expected a path or HOST:PORT, got ${text}`);
  const token = adminTokenFile === undefined ? undefined : await readToken(adminTokenFile);
  // Only here: loading the HTTP client takes a tenth of a second, and the daemon's start has none to give away.
  const { AdminClient } = await import('./admin-client.js');
  await using client = new AdminClient({ address, token, actor, reason });
  return await use(client);
}

async function readToken(path: string): Promise<string> {
  let token: string;
  try {
    token = (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw new SignalboxError('configuration', `cannot read --admin-token-file: ${messageOf(error)}`, {
      cause: error,
    });
  }
  // What a header can carry, and so no second line.
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new SignalboxError('configuration', `--admin-token-file: expected one token in ${path}`);
}
