// How an index lies in memory: one run of 32-bit words, in which every offset is a number of words from its start, so
// that it can be copied anywhere, and read in place by every thread that shares it. write-index.ts writes it,
// route-index.ts reads it.
//
// A route's conditions are one row of the index, and a set of rows is a bit vector (Lakshman & Stiliadis, SIGCOMM
// 1998). Up to 32 rows, a set is one word, which stands wherever a set is meant. With more rows a set is an offset:
//
//   [storage] [first row] [last row] [summary × SUMMARY_WORDS] …
//
// where bit w of the summary says that word w of the set is not zero (Baboescu & Varghese, SIGCOMM 2001), and
//   DENSE:   … [word × SET_WORDS]
//   SPARSE:  … [rank × SUMMARY_WORDS] [word] …   only words that aren't zero; rank s counts those before summary word s

/** Rows that fit in one word. */
export const SMALL_ROWS_MAX = 32;

// The head.
export const ROWS = 0;
export const SET_WORDS = 1;
export const SUMMARY_WORDS = 2;
/** How many dimensions the directory has, and its offset. */
export const DIMENSIONS = 3;
export const DIRECTORY = 8;
/** How many of them, the first ones, are of texts; and of texts and, behind them, flags. Numbers come last. */
export const TEXTS = 9;
export const CATEGORIES = 10;
/** Offset of each row's outcome. */
export const OUTCOMES = 4;
/** Offset of the text table of routes' names. */
export const NAMES = 5;
/** Offset of the keywords' section; 0: there is none. */
export const KEYWORDS = 6;
/** The set without rows. */
export const EMPTY_SET = 7;
export const HEAD_WORDS = 11;

// An entry of the directory.
export const KIND = 0;
/** Place of the signal among those of its kind. */
export const SIGNAL = 1;
/** Set of the rows that ask nothing of this signal. Sets of values leave them out, but for those of one word. */
export const ALWAYS = 2;
/** TEXT: offset of a text table. NUMBER: offset of number classes. FLAG: offset of three sets, by state. */
export const DATA = 3;
/** The set of rows that an unknown value allows. */
export const UNKNOWN = 4;
export const ENTRY_WORDS = 5;

// In the order of the directory.
export const TEXT = 0;
export const FLAG = 1;
export const NUMBER = 2;

// The keywords' section.
export const KEYWORDS_ALWAYS = 0;
export const KEYWORDS_COUNT = 1;
/** Offset of the matcher. */
export const KEYWORDS_MATCHER = 2;
/** One set for each keyword. */
export const KEYWORDS_SETS = 3;

// A set of more than one word.
export const STORAGE = 0;
/** A set without rows has a first row that is behind every other, and a last one that is before. */
export const FIRST = 1;
export const LAST = 2;
export const SUMMARY = 3;
export const SPARSE = 0;
export const DENSE = 1;
