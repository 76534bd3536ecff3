// Few keywords are looked for one by one, in the prompt as a string: `includes` goes over it several times as fast as
// the automaton does, whose time hardly depends on how many there are. What it means is what a keyword is defined by: the
// lower-cased prompt contains it. compile-keywords.ts has the text of keywords written, scan-keywords.ts looks for them:
// on a worker, the hot path of an org with few. The price is two strings of the prompt's length, garbage right after.
import type { Words } from './layout.js';

/** With more of them the automaton is as fast. */
const FEW_MAX = 4;

/** The time that `includes` takes may grow with the length of what it looks for; nobody looks for as much as this. */
const UNITS_MAX = 64;

/** The words of the keywords' text: for each its length, then its code units; none if they aren't few. */
export function fewKeywordsWords(keywords: readonly string[]): number[] {
  if (keywords.length > FEW_MAX || keywords.some(({ length }) => length === 0 || length > UNITS_MAX))
    return [];
  return keywords.flatMap((keyword) => [
    keyword.length,
    ...Array.from({ length: keyword.length }, (_, at) => keyword.charCodeAt(at)),
  ]);
}

/** Takes a byte order mark for text, as everything else does. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The texts that each block of words was found to have, by where: read once by each thread. */
const texts = new WeakMap<Words, Map<number, readonly string[]>>();

/** @param at where the words of `fewKeywordsWords` are. */
export function fewKeywords(words: Words, at: number, count: number): readonly string[] {
  let ofBlock = texts.get(words);
  if (ofBlock === undefined) texts.set(words, (ofBlock = new Map<number, readonly string[]>()));
  let keywords = ofBlock.get(at);
  if (keywords === undefined) ofBlock.set(at, (keywords = readKeywords(words, at, count)));
  return keywords;
}

function readKeywords(words: Words, at: number, count: number): readonly string[] {
  let next = at;
  return Array.from({ length: count }, () => {
    const length = words[next] ?? 0;
    const units = words.subarray(next + 1, next + 1 + length);
    next += 1 + length;
    return String.fromCharCode(...units);
  });
}

/** As `scanKeywords`. */
export function findFew(
  keywords: readonly string[],
  bytes: Uint8Array,
  start: number,
  end: number,
  hits: Int32Array,
): number {
  const prompt = decoder.decode(bytes.subarray(start, end)).toLowerCase();
  let count = 0;
  for (let keyword = 0; keyword < keywords.length; keyword += 1) {
    if (prompt.includes(keywords[keyword] ?? '')) hits[count++] = keyword;
  }
  return count;
}
