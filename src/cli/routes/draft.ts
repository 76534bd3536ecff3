// A route's draft from a file, from flags, or from both: the flags win. What a route may be isn't looked at here: the
// daemon says every problem at once.
import { type Command, InvalidArgumentError } from 'commander';
import { integerFrom } from '../../config.js';
import { messageOf } from '../../errors.js';
import { readYaml } from '../../store/yaml-document.js';
import type { Draft } from '../admin/admin-client.js';
import { problemsError, readSource } from '../planning/wanted-orgs.js';

const UINT32_MAX = 0xffff_ffff;

type JsonMap = Readonly<Record<string, unknown>>;

export interface DraftFlags {
  readonly file?: string;
  readonly name?: string;
  readonly priority?: number;
  readonly enabled?: boolean;
  readonly targetModel?: string;
  readonly fallback?: readonly string[];
  readonly when?: JsonMap;
  readonly then?: JsonMap;
}

export function withDraftOptions(command: Command): Command {
  return command
    .option('--file <path>', 'the route as JSON or YAML; - for standard input')
    .option('--name <name>', 'what people and forced requests call it')
    .option('--priority <n>', 'higher is tried first (default: 100)', integerFrom(0, UINT32_MAX))
    .option('--target-model <model>', 'the model to send requests to')
    .option('--fallback <model>', 'a model to try when that one fails; repeatable', collect)
    .option('--when <json>', 'all the conditions, as a JSON object', jsonMap)
    .option('--then <json>', 'all of the action, as a JSON object', jsonMap);
}

/** @param before what the draft says where neither file nor flags do; a file says everything. */
export async function readDraft(flags: DraftFlags, before: Draft): Promise<Draft> {
  const draft = flags.file === undefined ? before : await readDraftFile(flags.file);
  const { name, priority, enabled, when, targetModel, fallback } = flags;
  const then = {
    ...(flags.then ?? asMap(draft['then'])),
    ...(targetModel === undefined ? {} : { target_model: targetModel }),
    ...(fallback === undefined ? {} : { fallbacks: fallback }),
  };
  const given = { name, priority, enabled, when };
  const says = flags.then !== undefined || targetModel !== undefined || fallback !== undefined;
  return {
    ...draft,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    // What a file says there may be no map at all, and that is for the daemon to refuse.
    ...(says ? { then } : {}),
  };
}

async function readDraftFile(path: string): Promise<Draft> {
  const yaml = readYaml(await readSource(path));
  const shown = path === '-' ? 'standard input' : path;
  if (!yaml.ok) {
    throw problemsError(
      shown,
      yaml.problems.map(({ line, column, message }) => `${path}:${line}:${column}: syntax: ${message}`),
    );
  }
  if (isMap(yaml.content)) return yaml.content;
  throw problemsError(shown, ['expected a map with name, priority, enabled, when and then']);
}

function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

function jsonMap(text: string): JsonMap {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`expected JSON: ${messageOf(error)}`);
  }
  if (isMap(value)) return value;
  throw new InvalidArgumentError('expected a JSON object');
}

function asMap(value: unknown): JsonMap {
  return isMap(value) ? value : {};
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
