// Who changes something, and why, as a caller says it in the headers X-Actor and X-Reason (or a pause in its body).
import type { ChangeNote } from '../store/route-store.js';
import { Refusal } from './refusal.js';

export const ACTOR_LENGTH_MAX = 200;
export const REASON_LENGTH_MAX = 1000;

const CONTROL = /\p{Cc}/u;

/** Headers are bytes, which Node hands over as Latin-1; what people write is UTF-8. */
export function noteOfHeaders(actor: string | undefined, reason: string | undefined): ChangeNote {
  const utf8 = (value: string | undefined): string | undefined =>
    value === undefined ? undefined : Buffer.from(value, 'latin1').toString('utf8');
  return {
    actor: noteText('X-Actor', utf8(actor), ACTOR_LENGTH_MAX),
    reason: noteText('X-Reason', utf8(reason), REASON_LENGTH_MAX),
  };
}

/** @throws Refusal `bad_request` for a text that is too long or has control characters; an empty one says nothing. */
export function noteText(name: string, text: string | undefined, maxLength: number): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (text.length > maxLength) {
    throw new Refusal('bad_request', `${name}: expected at most ${maxLength} characters, got ${text.length}`);
  }
  if (CONTROL.test(text)) throw new Refusal('bad_request', `${name}: control characters are not allowed`);
  return text;
}
