// How an index lies in memory: one run of 32-bit words, in which every offset is a number of words from its start, so
// that it can be copied anywhere, and read in place by every thread that shares it. write-index.ts writes it,
// route-index.ts reads it.
//
// A route's conditions are one row of the index, and rows are numbered in the order in which they are tried. They are
// in a tree of nodes, each of which finds the first of its own rows:
//
//   ROW_LIST    a few rows, one after the other
//   SIFTED      hundreds of rows, one after the other, most of which a look at one word tells to be out of the question
//   SETS        as bit vectors, for each dimension the set of rows that the request's value allows (Lakshman &
//               Stiliadis, SIGCOMM 1998)
//   BY_TEXT     by the text that its rows list: a node for each text, and one of the rows that ask nothing of it
//   BY_NUMBER   by the number of which its rows allow a narrow range: sifted rows for each class of numbers, and a node
//               of the other rows (what Fabret et al., SIGMOD 2001, call access predicates)
//   EITHER      of two nodes
//
// In a node of SETS the rows are numbered anew. Up to 32 rows, a set is one word, which stands wherever a set is meant.
// With more rows a set is an offset:
//
//   [storage] [first row] [last row] [summary × SUMMARY_WORDS] …
//
// where bit w of the summary says that word w of the set is not zero (Baboescu & Varghese, SIGCOMM 2001), and
//   DENSE:   … [word × words of all rows]
//   SPARSE:  … [rank × SUMMARY_WORDS] [word] …   only words that aren't zero; rank s counts those before summary word s

/** Rows that fit in one word. */
export const WORD_ROWS_MAX = 32;

// The head.
/** How many rows there are. */
export const ROWS = 0;
/** Offset of each row's outcome. */
export const OUTCOMES = 1;
/** Offset of the text table of routes' names. */
export const NAMES = 2;
/** The node of all rows; 0: there are no rows. */
export const ROOT = 3;
export const HEAD_WORDS = 4;

// Every node.
export const KIND = 0;
/** Its first row. */
export const FIRST_ROW = 1;

// The kinds of nodes.
export const ROW_LIST = 0;
export const WORD_SETS = 1;
export const LONG_SETS = 2;
export const BY_TEXT = 3;
export const BY_NUMBER = 4;
export const EITHER = 5;
export const SIFTED = 6;

// SIFTED.
/** Here the run begins. See sifted-rows.ts. */
export const SIFTED_RUN = 2;

// BY_TEXT and BY_NUMBER.
/** Place of the signal among those of its kind. */
export const BY_SIGNAL = 2;
/** Offset of a text table whose values are nodes, or of number classes that stand for runs; 0: no row. */
export const BY_VALUE = 3;
/** The node of the other rows, or 0. */
export const BY_NONE = 4;

// EITHER.
export const EITHER_ONE = 2;
export const EITHER_OTHER = 3;

// WORD_SETS and LONG_SETS. The directory, an entry for each dimension, follows: texts, then flags, then numbers.
export const COUNT = 2;
/** Offset of the number that each row has among all. */
export const NUMBERS = 3;
/** Where the entries of each kind end. */
export const TEXTS_END = 4;
export const FLAGS_END = 5;
export const NUMBERS_END = 6;
/** Offset of the keywords' section; 0: there is none. */
export const KEYWORDS = 7;
/** LONG_SETS only, as all that follow here: words of a summary. */
export const SUMMARY_WORDS = 8;
/** The set without rows. */
export const EMPTY_SET = 9;
/** 1: the sets of some numbers have more rows than are allowed, and each must be asked for its own bounds. */
export const IS_INEXACT = 10;
/** 1: every row asks for the number that is the first one of the directory. */
export const ALL_ASK_FIRST_NUMBER = 11;
/** Offset of three offsets for each row: its terms, those of them that are of texts, and their end. See row-terms.ts. */
export const ROW_TERMS = 12;
export const DIRECTORY = 13;

// An entry of the directory.
/** Place of the signal among those of its kind; of flags, none. */
export const SIGNAL = 0;
/** Set of the rows that ask nothing of this signal. Sets of values leave them out, but for those of one word. */
export const ALWAYS = 1;
/** Offset of a text table, of flag combinations, or of number classes. */
export const DATA = 2;
/** The set of rows that an unknown value allows. */
export const UNKNOWN = 3;
export const ENTRY_WORDS = 4;

// The keywords' section.
export const KEYWORDS_ALWAYS = 0;
export const KEYWORDS_COUNT = 1;
/** Offset of the matcher. */
export const KEYWORDS_MATCHER = 2;
/**
 * One set for each keyword. LONG_SETS: where few rows list it, as most keywords of a large table, the offset of a list of
 * them with all its bits turned around, `[rows] [row] …`: a set takes more memory the more rows the table has.
 */
export const KEYWORDS_SETS = 3;
export const KEYWORD_LISTED_ROWS_MAX = 8;

// A set of more than one word.
/** Its form, SPARSE or DENSE, plus twice the number of its rows. */
export const STORAGE = 0;
/** A set without rows has a first row that is behind every other, and a last one that is before. */
export const FIRST = 1;
export const LAST = 2;
export const SUMMARY = 3;
export const SPARSE = 0;
export const DENSE = 1;
