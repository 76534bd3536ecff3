// Entity tags and the preconditions on them (RFC 9110 §8.8.3, §13.1). A resource's tag is its revision, in quotes.
import { Refusal } from './refusal.js';

/** `any` is `*`; otherwise the tags as they came, with their quotes. */
export type Precondition = 'none' | 'any' | readonly string[];

const TAG = /[\t ]*((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")[\t ]*(?:,|$)/y;

/** @throws Refusal `bad_request` if the header is neither `*` nor a list of entity tags. */
export function parsePrecondition(name: string, header: string | undefined): Precondition {
  if (header === undefined) return 'none';
  if (header.trim() === '*') return 'any';
  const tags: string[] = [];
  const pattern = new RegExp(TAG);
  while (pattern.lastIndex < header.length) {
    const [, tag] = pattern.exec(header) ?? [];
    if (tag === undefined) {
      throw new Refusal('bad_request', `${name}: expected * or entity tags in quotes, as "7", got ${header}`);
    }
    tags.push(tag);
  }
  if (tags.length === 0) throw new Refusal('bad_request', `${name}: expected * or entity tags, got nothing`);
  return tags;
}

export function entityTag(revision: number): string {
  return `"${revision}"`;
}

/**
 * If-Match compares strongly, so that a weak tag never matches.
 *
 * @throws Refusal `conflict` if the resource isn't as its writer saw it.
 */
export function assertMatch(ifMatch: Precondition, revision: number): void {
  if (ifMatch === 'none' || ifMatch === 'any' || ifMatch.includes(entityTag(revision))) return;
  throw new Refusal(
    'conflict',
    `it is at revision ${revision}, and If-Match says ${ifMatch.join(', ')}: read it again`,
  );
}

/** If-None-Match compares weakly. */
export function isNotModified(ifNoneMatch: Precondition, revision: number): boolean {
  if (ifNoneMatch === 'none' || ifNoneMatch === 'any') return ifNoneMatch === 'any';
  return ifNoneMatch.some((tag) => tag.replace(/^W\//, '') === entityTag(revision));
}
