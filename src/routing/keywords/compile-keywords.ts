// Compiles keywords into the words that scan-keywords.ts reads: see layout.ts. Runs on the main thread, once for each
// new set of routes. Takes time and memory in proportion to the text of the keywords, whatever they are.
import { BYTES_PER_UNIT_MAX, writeCodeUnits } from './code-units.js';
import { fewKeywordsWords } from './few-keywords.js';
import { KeywordTrie } from './keyword-trie.js';
import { buildPrefixFilter } from './prefix-filter.js';
import { FURTHER_CHILDREN_SHIFT, HAS_OUTPUT, HEADER, IS_LEAF, NO_KEYWORD, RECORD } from './layout.js';

const ROOT = 0;

/** Dense rows take no more words than this for each keyword… */
const DENSE_WORDS_PER_KEYWORD = 40;
/** …and no more than this: a megabyte, for beyond what a processor's caches hold a row is found no sooner than a record… */
const DENSE_WORDS_MAX = 256 * 1024;
/** …but a few states at least have one. */
const DENSE_WORDS_MIN = 64;

/**
 * @param keywords distinct, each lower-cased as a whole by `toLowerCase`; a keyword's id is its place here.
 * @returns words that may be copied to any place, for `scanKeywords`.
 */
export function compileKeywords(keywords: readonly string[]): Uint32Array<ArrayBuffer> {
  const { bytes, ends } = keywordBytes(keywords);
  const trie = new KeywordTrie(bytes, ends);
  const filter = buildPrefixFilter(bytes, ends);
  const filterStart = HEADER.links + keywords.length;
  const texts = fewKeywordsWords(keywords);
  const textsStart = filterStart + filter.bits.length;
  const layout = layOut(trie, textsStart + texts.length);
  const words = new Uint32Array(layout.length);
  words[HEADER.keywordCount] = keywords.length;
  words[HEADER.root] = layout.addresses[ROOT] ?? 0;
  words[HEADER.recordsStart] = layout.recordsStart;
  words[HEADER.emptyKeyword] = keywords.indexOf('') + 1;
  words[HEADER.shallowEnd] = layout.shallowEnd;
  words[HEADER.strideBytes] = filter.strideBytes;
  words[HEADER.hashShift] = filter.hashShift;
  words[HEADER.filter] = filterStart;
  words[HEADER.fewTexts] = texts.length === 0 ? 0 : textsStart;
  words.set(filter.bits, filterStart);
  words.set(texts, textsStart);
  // Four to a word by shifting, not through a view of the bytes, whose order is the machine's.
  for (const [byte, byteClass] of trie.classOfByte.entries()) {
    const word = HEADER.classes + (byte >> 2);
    words[word] = (words[word] ?? 0) | (byteClass << ((byte & 3) << 3));
  }
  words.set(trie.links, HEADER.links);
  for (const state of trie.breadthFirst) writeState(words, trie, layout, state);
  return words;
}

interface Layout {
  /** For each state, where its row or record is. */
  readonly addresses: Int32Array;
  /** States that come earlier in breadth-first order have rows, unless they are leaves. */
  readonly recordsStart: number;
  /** States that come earlier are at most one byte away from the root. */
  readonly shallowEnd: number;
  readonly length: number;
}

/** Finds each state a place. */
function layOut(trie: KeywordTrie, start: number): Layout {
  const { breadthFirst, classCount } = trie;
  const addresses = new Int32Array(trie.stateCount);
  let end = start;
  const wanted = Math.max(DENSE_WORDS_MIN, DENSE_WORDS_PER_KEYWORD * trie.links.length);
  const budget = Math.min(wanted, DENSE_WORDS_MAX);
  const denseMax = Math.max(1, Math.floor(budget / classCount));
  let denseCount = 0;
  let shallowEnd = 0;
  for (const [place, state] of breadthFirst.entries()) {
    if (denseCount === denseMax) break;
    if (trie.isLeaf(state)) continue;
    if (trie.hasOutput(state)) end += 1;
    addresses[state] = end;
    end += classCount;
    denseCount += 1;
    if (place <= trie.childCount(ROOT)) shallowEnd = end;
  }
  const recordsStart = end;

  // Depth first, so that a first child lies right behind its parent.
  const waiting: number[] = [];
  for (const state of breadthFirst) {
    if (addresses[state] !== 0) continue;
    waiting.push(state);
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (trie.hasOutput(next)) end += 1;
      addresses[next] = end;
      if (trie.isLeaf(next)) {
        end += 1;
        continue;
      }
      const first = trie.firstChild(next);
      end += RECORD.furtherChildren;
      for (let child = trie.nextSibling(first); child !== ROOT; child = trie.nextSibling(child)) {
        waiting.push(child);
        end += 2;
      }
      waiting.push(first);
    }
  }
  return { addresses, recordsStart, shallowEnd, length: end };
}

function writeState(words: Uint32Array, trie: KeywordTrie, layout: Layout, state: number): void {
  const { addresses, recordsStart } = layout;
  const address = addresses[state] ?? 0;
  const isLeaf = trie.isLeaf(state);
  const fail = addresses[trie.fail(state)] ?? 0;
  if (trie.hasOutput(state)) {
    words[address - 1] = (trie.outputs[state] ?? NO_KEYWORD) | (isLeaf ? IS_LEAF : 0);
  }
  if (isLeaf) {
    words[address] = fail;
  } else if (address < recordsStart) {
    // The fail state is nearer to the root, so its row is there already.
    if (state === ROOT) words.fill(address, address, address + trie.classCount);
    else words.copyWithin(address, fail, fail + trie.classCount);
    for (let child = trie.firstChild(state); child !== ROOT; child = trie.nextSibling(child)) {
      words[address + trie.classOf(child)] = reference(trie, addresses, child);
    }
  } else {
    writeRecord(words, trie, addresses, state);
  }
}

function writeRecord(words: Uint32Array, trie: KeywordTrie, addresses: Int32Array, state: number): void {
  const address = addresses[state] ?? 0;
  const first = trie.firstChild(state);
  let end = address + RECORD.furtherChildren;
  let further = 0;
  for (let child = trie.nextSibling(first); child !== ROOT; child = trie.nextSibling(child)) {
    words[end++] = trie.classOf(child);
    words[end++] = reference(trie, addresses, child);
    further += 1;
  }
  words[address + RECORD.fail] = addresses[trie.fail(state)] ?? 0;
  words[address + RECORD.header] =
    trie.classOf(first) | (further << FURTHER_CHILDREN_SHIFT) | (trie.hasOutput(first) ? HAS_OUTPUT : 0);
}

function reference(trie: KeywordTrie, addresses: Int32Array, state: number): number {
  return (addresses[state] ?? 0) | (trie.hasOutput(state) ? HAS_OUTPUT : 0);
}

/** The code units of all keywords as bytes, one keyword behind the other, and where each ends. */
function keywordBytes(keywords: readonly string[]): { bytes: Uint8Array; ends: Int32Array } {
  const unitCount = keywords.reduce((sum, keyword) => sum + keyword.length, 0);
  const bytes = new Uint8Array(unitCount * BYTES_PER_UNIT_MAX);
  const ends = new Int32Array(keywords.length);
  let end = 0;
  for (const [index, keyword] of keywords.entries()) {
    end = writeCodeUnits(keyword, bytes, end);
    ends[index] = end;
  }
  return { bytes: bytes.subarray(0, end), ends };
}
