// Reads the chat-completion corpus, test/fixtures/chat: bodies as real clients send them, what the client library
// derives from each, and what the routes of test/fixtures/routes.yaml decide about it. Knows nothing of src/.
import { strict as assert } from 'node:assert';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryPath } from './paths.js';

/** What a gateway knows of a request besides its body. */
export interface ChatFixtureOptions {
  readonly orgId: string;
  readonly tag?: string;
  readonly inputTokens?: number;
  readonly estimatedCostUsd?: number;
  readonly contentType?: string;
  readonly upstreamP95Ms?: number;
  readonly reasoningClass?: boolean;
  readonly forceRoute?: string;
}

export interface DerivedFromBody {
  readonly prompt: string;
  readonly hasImages: boolean;
  readonly hasAudio: boolean;
  readonly hasDocuments: boolean;
}

export interface ExpectedDecision {
  readonly route: string | null;
  readonly targetModel: string | null;
  readonly fallbacks: readonly string[];
  readonly disableCache: boolean;
  readonly maxCostUsd: number | null;
  readonly effects: Readonly<Record<string, unknown>>;
  readonly paused: boolean;
  readonly reason: 'matched' | 'no_match' | 'no_such_route';
}

export interface ChatFixture {
  /** The file's name without `.json`. */
  readonly name: string;
  /** What it is there to show. */
  readonly about: string;
  readonly options: ChatFixtureOptions;
  readonly body: Readonly<Record<string, unknown>>;
  readonly derived: DerivedFromBody;
  readonly expect: ExpectedDecision;
}

/** The route file whose decisions the fixtures expect. */
export const chatFixtureRoutes = repositoryPath('test/fixtures/routes.yaml');

const directory = repositoryPath('test/fixtures/chat');

/** All fixtures, in the order of their file names. */
export async function loadChatFixtures(): Promise<ChatFixture[]> {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.json')).sort();
  return Promise.all(files.map(loadChatFixture));
}

/** The model that the body asks for; a body without one asks for the model `''`. */
export function requestedModel(fixture: ChatFixture): string {
  const model = fixture.body['model'];
  return typeof model === 'string' ? model : '';
}

async function loadChatFixture(file: string): Promise<ChatFixture> {
  const parsed = JSON.parse(await readFile(join(directory, file), 'utf8'), expandRepeats) as Omit<
    ChatFixture,
    'name'
  >;
  // A misspelt key would make a fixture that checks less than it says.
  assert.deepEqual(Object.keys(parsed), ['about', 'options', 'body', 'derived', 'expect'], file);
  assert.deepEqual(Object.keys(parsed.derived), ['prompt', 'hasImages', 'hasAudio', 'hasDocuments'], file);
  assert.deepEqual(
    Object.keys(parsed.expect),
    ['route', 'targetModel', 'fallbacks', 'disableCache', 'maxCostUsd', 'effects', 'paused', 'reason'],
    file,
  );
  return { name: file.slice(0, -'.json'.length), ...parsed };
}

/** Long texts are told, not stored: `{ repeat: 'text ', times: 3, then: 'end' }` is `'text text text end'`. */
function expandRepeats(key: string, value: unknown): unknown {
  if (key !== 'content' && key !== 'prompt') return value;
  if (typeof value !== 'object' || value === null || !('repeat' in value)) return value;
  const { repeat, times, then } = value as { repeat: string; times: number; then: string };
  return repeat.repeat(times) + then;
}
