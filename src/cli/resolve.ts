// `signalbox resolve`: one request over the socket, and the decision as JSON, in the names of the wire.
import { text as readAll } from 'node:stream/consumers';
import { Command, InvalidArgumentError, Option } from 'commander';
import { requestFromChatCompletion } from '../client/chat-completion.js';
import { SignalboxClient } from '../client/client.js';
import { type ResolveRequest, toParams } from '../client/request.js';
import { integerFrom, parseDuration, socketOption } from '../config.js';
import { SignalboxError, messageOf } from '../errors.js';
import { parseOrgId } from '../protocol/org-id.js';

const UINT32_MAX = 0xffff_ffff;

/** A person waits longer than a gateway: for a daemon that is just starting, say. */
const DEFAULT_TIMEOUT_MS = 2000;

type Flags = Omit<ResolveRequest, 'orgId' | 'model'> & {
  readonly socket: string;
  readonly org: string;
  readonly model?: string;
  readonly chat?: string;
  readonly timeout: number;
};

export function resolveCommand(): Command {
  return new Command('resolve')
    .description('ask the daemon for one decision, and print it as JSON')
    .addOption(socketOption())
    .addOption(new Option('--org <uuid>', 'the org').argParser(orgId).makeOptionMandatory())
    .option('--model <name>', 'the requested model')
    .option('--chat <->', 'read a chat-completion body on standard input, and derive what flags do not say')
    .option('--input-tokens <n>', 'estimated input tokens', integerFrom(0, UINT32_MAX))
    .option('--tag <text>', 'the tag of the request')
    .option('--prompt <text>', 'the system and user text')
    .option('--has-images [bool]', 'whether there are images', bool)
    .option('--has-audio [bool]', 'whether there is audio', bool)
    .option('--has-documents [bool]', 'whether there are documents', bool)
    .option('--estimated-cost-usd <n>', 'the estimated cost in US dollars', finite)
    .option('--content-type <kind>', 'json, csv, log, code, diff or prose')
    .option('--upstream-p95-ms <n>', "the model's p95 latency in milliseconds", integerFrom(0, UINT32_MAX))
    .option('--reasoning-class [bool]', 'whether the model is of a reasoning class', bool)
    .option('--force-route <name>', 'take the route of that name, whatever its conditions say')
    .option(
      '--min-revision <n>',
      'go by routes of at least this revision',
      integerFrom(0, Number.MAX_SAFE_INTEGER),
    )
    .addOption(
      new Option('--timeout <duration>', 'how long to wait for the decision')
        .default(DEFAULT_TIMEOUT_MS, '2s')
        .argParser(parseDuration),
    )
    .addHelpText(
      'after',
      `
A signal that is not given is unknown, and unknown satisfies no condition.

Examples:
  signalbox resolve --org 0190a000-0000-7000-8000-000000000001 --model gpt-4o --input-tokens 120
  signalbox resolve --org 0190a000-0000-7000-8000-000000000001 --chat - < body.json`,
    )
    .action(resolve);
}

async function resolve(flags: Flags): Promise<void> {
  const { socket, timeout } = flags;
  const params = toParams(await requestOf(flags));
  await using client = new SignalboxClient({ socketPath: socket });
  try {
    console.log(JSON.stringify(await client.call('resolve', params, timeout), undefined, 2));
  } catch (error) {
    if (error instanceof SignalboxError && (error.code === 'unreachable' || error.code === 'timeout')) {
      const hint = 'is it running, and is this its --socket?';
      throw new SignalboxError(error.code, `${error.message}; ${hint}`, { cause: error });
    }
    throw error;
  }
}

async function requestOf({
  socket: _socket,
  timeout: _timeout,
  org,
  chat,
  model,
  ...signals
}: Flags): Promise<ResolveRequest> {
  if (chat === undefined) {
    if (model === undefined)
      throw new SignalboxError('usage', 'say the model with --model, or give a body with --chat -');
    return { orgId: org, model, ...signals };
  }
  if (chat !== '-') throw new SignalboxError('usage', 'the body is read on standard input: --chat -');
  const source = await readAll(process.stdin);
  let body: unknown;
  try {
    body = JSON.parse(source);
  } catch (error) {
    throw new SignalboxError('usage', `standard input is no JSON: ${messageOf(error)}`, { cause: error });
  }
  const derived = requestFromChatCompletion(body, { orgId: org, ...signals });
  const given = Object.fromEntries(
    Object.entries({ model, ...signals }).filter(([, value]) => value !== undefined),
  );
  const request: ResolveRequest = { ...derived, ...given };
  if (request.model === '') throw new SignalboxError('usage', 'the body names no model; say it with --model');
  return request;
}

function orgId(text: string): string {
  const id = parseOrgId(text);
  if (id === undefined) throw new InvalidArgumentError('expected a UUID');
  return id;
}

function bool(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new InvalidArgumentError('expected true or false');
}

function finite(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw new InvalidArgumentError('expected a number');
}
