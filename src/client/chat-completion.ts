// An OpenAI-style chat-completion body → the signals that routes look at. Bodies come from strangers: whatever is
// not as it should be is passed over, and nothing here throws.
import type { ResolveRequest } from './request.js';
import { estimateTokensByBytes } from './token-estimate.js';

/** What the body doesn't say. */
export interface ChatRequestOptions extends Omit<
  ResolveRequest,
  'model' | 'prompt' | 'hasImages' | 'hasAudio' | 'hasDocuments'
> {
  /** Input tokens, where the gateway counts them itself; otherwise they are estimated from the bytes. */
  readonly inputTokens?: number | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** The roles whose text is the prompt. */
const PROMPT_ROLES: ReadonlySet<unknown> = new Set(['user', 'system', 'developer']);

/**
 * Derives a request for `resolve`: the model, the prompt (user and system text of the whole history), which kinds of
 * parts there are in messages of any role, and, unless given, an estimate of the input tokens. A body without a list
 * of messages leaves the signals that come from them unknown.
 */
export function requestFromChatCompletion(body: unknown, options: ChatRequestOptions): ResolveRequest {
  const { model, messages } = fieldsOf(body);
  const request = { ...options, model: typeof model === 'string' ? model : '' };
  if (!Array.isArray(messages)) return request;

  const promptLines: string[] = [];
  const texts: string[] = [];
  const kinds = new Set<unknown>();
  let images = 0;
  for (const message of messages as readonly unknown[]) {
    const { role, content } = fieldsOf(message);
    const text = textOf(content);
    texts.push(text);
    // A message without text still takes its place, as an empty line.
    if (PROMPT_ROLES.has(role)) promptLines.push(text);
    for (const part of partsOf(content)) {
      const { type } = fieldsOf(part);
      kinds.add(type);
      if (type === 'image_url') images += 1;
    }
  }
  return {
    ...request,
    inputTokens: options.inputTokens ?? estimate(texts, images),
    prompt: promptLines.join('\n'),
    hasImages: kinds.has('image_url'),
    hasAudio: kinds.has('input_audio'),
    hasDocuments: kinds.has('document'),
  };
}

/** The text of a message: its content, or its text parts with nothing between them. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  let text = '';
  for (const part of partsOf(content)) {
    const fields = fieldsOf(part);
    if (fields['type'] === 'text' && typeof fields['text'] === 'string') text += fields['text'];
  }
  return text;
}

function partsOf(content: unknown): readonly unknown[] {
  return Array.isArray(content) ? content : [];
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function estimate(texts: readonly string[], images: number): number {
  const textBytes = texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);
  return estimateTokensByBytes({ textBytes, messages: texts.length, images });
}
