// What the index knows of a condition: which signal of a request it looks at, and in which of four ways. A new
// condition on a signal is a new file beside this one, and a line in all-dimensions.ts.
import type { Conditions } from '../route.js';
import { FLAG_SIGNALS, NUMBER_SIGNALS, TEXT_SIGNALS } from '../signals.js';
import type { FlagSignal, NumberSignal, TextSignal } from '../signals.js';

/** The numbers strictly between; infinite: unbounded on that side. */
export interface OpenInterval {
  readonly above: number;
  readonly below: number;
}

/** Each function gives what a route's conditions ask of the signal; undefined: nothing, so that any value will do. */
export type Dimension =
  /** The signal equals one of the texts, byte for byte. */
  | {
      readonly kind: 'text';
      readonly signal: TextSignal;
      readonly textsOf: (when: Conditions) => readonly string[] | undefined;
    }
  | {
      readonly kind: 'number';
      readonly signal: NumberSignal;
      readonly intervalOf: (when: Conditions) => OpenInterval | undefined;
    }
  | {
      readonly kind: 'flag';
      readonly signal: FlagSignal;
      readonly boundOf: (when: Conditions) => boolean | undefined;
    }
  /** The prompt, in lower case as a whole, contains one of the texts, which are in lower case already. */
  | {
      readonly kind: 'keywords';
      readonly keywordsOf: (when: Conditions) => readonly string[] | undefined;
    };

export type TextDimension = Extract<Dimension, { kind: 'text' }>;
export type NumberDimension = Extract<Dimension, { kind: 'number' }>;
export type FlagDimension = Extract<Dimension, { kind: 'flag' }>;

/** The signal's place among those of its kind, where a request has its value. */
export function signalPlace(dimension: TextDimension | NumberDimension | FlagDimension): number {
  switch (dimension.kind) {
    case 'text':
      return TEXT_SIGNALS.indexOf(dimension.signal);
    case 'number':
      return NUMBER_SIGNALS.indexOf(dimension.signal);
    case 'flag':
      return FLAG_SIGNALS.indexOf(dimension.signal);
  }
}

/** What a route's conditions ask of a dimension; undefined: nothing. */
export function conditionOf(dimension: Dimension, when: Conditions): unknown {
  switch (dimension.kind) {
    case 'text':
      return dimension.textsOf(when);
    case 'number':
      return dimension.intervalOf(when);
    case 'flag':
      return dimension.boundOf(when);
    case 'keywords':
      return dimension.keywordsOf(when);
  }
}

export function textsOf(text: string | null | undefined): readonly string[] | undefined {
  return text === undefined || text === null ? undefined : [text];
}

/** An empty list of texts is no condition. */
export function listOf(texts: readonly string[] | null | undefined): readonly string[] | undefined {
  return texts === undefined || texts === null || texts.length === 0 ? undefined : texts;
}

/** A bound of 0 is one. */
export function intervalOf(
  above: number | null | undefined,
  below: number | null | undefined,
): OpenInterval | undefined {
  const hasAbove = above !== undefined && above !== null;
  const hasBelow = below !== undefined && below !== null;
  if (!hasAbove && !hasBelow) return undefined;
  return { above: hasAbove ? above : -Infinity, below: hasBelow ? below : Infinity };
}
