// How compiled keywords lie in memory: an Aho–Corasick automaton (Aho & Corasick, CACM 1975) over the bytes of
// lower-cased text, as one run of 32-bit words without an address in it, so that it may be copied to any place of a
// larger block that threads share. compile-keywords.ts writes it on the main thread, scan-keywords.ts reads it on the
// workers.
//
//   header      the named words below, then the class of each byte value, four to a word
//   links       for each keyword, the longest other keyword that it ends with
//   filter      bits that tell where a keyword may begin: prefix-filter.ts
//   texts       of the keywords, where they are few: few-keywords.ts
//   dense rows  of the states nearest to the root, where a scan spends its time: the next state for each class
//   records     of all others: fail state, class of the first child, and further children as pairs of class and state
//
// A state is the offset of its row or record. Every byte that stands in a keyword is a class of its own, shared by
// both cases of an ASCII letter; all other bytes are class 0, which leads to the root from everywhere.

/** Words as a block has them; their sign doesn't matter. */
export type Words = Int32Array | Uint32Array;

export const HEADER = {
  keywordCount: 0,
  /** The state to begin with. */
  root: 1,
  /** States from here on are records, all before are dense rows. */
  recordsStart: 2,
  /** One more than the id of the empty keyword; 0: none is empty. */
  emptyKeyword: 3,
  /** States before this one are the root or one byte away from it. */
  shallowEnd: 4,
  /** Of the filter: see prefix-filter.ts. */
  strideBytes: 5,
  hashShift: 6,
  filter: 7,
  /** Where the text of the keywords is; 0: they aren't few. */
  fewTexts: 8,
  classes: 9,
  links: 9 + 64,
} as const;

/** Set in a reference to a state at which keywords end. The word before such a state is the longest one's id. */
export const HAS_OUTPUT = 0x8000_0000;

/** Set in the id before a state without children: it has but one word, the state to go on from. */
export const IS_LEAF = 0x8000_0000;

export const NO_KEYWORD = 0x7fff_ffff;

/**
 * A record: the fail state; then the class of the first child in bits 0–7, the number of further children in bits
 * 8–15, and HAS_OUTPUT if the first child has; then two words for each further child. The first child lies right
 * behind, so that the long tail of a keyword is read like text.
 */
export const RECORD = { fail: 0, header: 1, furtherChildren: 2 } as const;
export const FIRST_CHILD_CLASS_MASK = 0xff;
export const FURTHER_CHILDREN_SHIFT = 8;
