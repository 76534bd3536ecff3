// The file of `--org-access`: a list of users and groups, each with the orgs that it may ask for. Read whole or not at
// all: an entry that was left out could be the one that matters.
import { readFile } from 'node:fs/promises';
import { SignalboxError, messageOf } from '../../errors.js';
import { parseOrgId } from '../../protocol/org-id.js';
import { describe, isMap } from '../../routing/checks.js';
import { type Path, Problems } from '../../routing/problem.js';
import { readYaml } from '../../store/yaml-document.js';
import type { OrgGrant } from './access-policy.js';
import { groupId, userId } from './accounts.js';

const KEYS = ['user', 'group', 'orgs'];

/** @throws SignalboxError `configuration` with every problem and its line, or if the file can't be read. */
export async function readOrgAccess(path: string): Promise<OrgGrant[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new SignalboxError('configuration', `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
  const yaml = readYaml(text);
  if (!yaml.ok) throw refused(yaml.problems.map(({ line, message }) => `${path}:${line}: ${message}`));
  const problems = new Problems();
  const grants = parseGrants(yaml.content, problems);
  if (problems.list.length === 0) return grants;
  throw refused(problems.list.map(({ steps, message }) => `${path}:${yaml.placeOf(steps).line}: ${message}`));
}

function refused(lines: readonly string[]): SignalboxError {
  return new SignalboxError('configuration', lines.join('; '));
}

function parseGrants(content: unknown, problems: Problems): OrgGrant[] {
  if (!Array.isArray(content)) {
    problems.add([], 'invalid_field', `expected a list of users and groups, got ${describe(content)}`);
    return [];
  }
  return content.flatMap((entry: unknown, position) => parseGrant(entry, [position], problems) ?? []);
}

function parseGrant(entry: unknown, at: Path, problems: Problems): OrgGrant | undefined {
  if (!isMap(entry)) {
    problems.add(at, 'invalid_field', `expected user or group, and orgs, got ${describe(entry)}`);
    return undefined;
  }
  for (const key of Object.keys(entry)) {
    if (!KEYS.includes(key)) {
      problems.add([...at, key], 'unknown_field', `unknown field ${key}: expected user or group, and orgs`);
    }
  }
  const kind = 'user' in entry ? 'user' : 'group';
  if ('user' in entry === 'group' in entry) {
    problems.add(at, 'invalid_field', 'expected either a user or a group');
    return undefined;
  }
  const id = parseAccount(kind, entry[kind], [...at, kind], problems);
  const orgIds = parseOrgs(entry['orgs'], [...at, 'orgs'], problems);
  return id === undefined ? undefined : { kind, id, orgIds };
}

function parseAccount(
  kind: 'user' | 'group',
  value: unknown,
  at: Path,
  problems: Problems,
): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') {
    problems.add(at, 'invalid_field', `expected a name or a number, got ${describe(value)}`);
    return undefined;
  }
  try {
    return kind === 'user' ? userId(String(value)) : groupId(String(value));
  } catch (error) {
    problems.add(at, 'invalid_field', messageOf(error));
    return undefined;
  }
}

function parseOrgs(value: unknown, at: Path, problems: Problems): ReadonlySet<string> | 'all' {
  if (value === 'all') return 'all';
  const orgIds = new Set<string>();
  if (!Array.isArray(value)) {
    problems.add(at, 'invalid_field', `expected a list of orgs, or all, got ${describe(value)}`);
    return orgIds;
  }
  for (const [position, text] of value.entries()) {
    const orgId = typeof text === 'string' ? parseOrgId(text) : undefined;
    if (orgId === undefined) {
      problems.add([...at, position], 'invalid_field', `an org is a UUID, got ${describe(text)}`);
    } else {
      orgIds.add(orgId);
    }
  }
  return orgIds;
}
