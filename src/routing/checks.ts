// The checks that a route's fields are made of. Each reports what it finds and goes on: a writer is told of every
// problem at once. Kept by hand, not by a schema library: codes, paths and "goes on" are the routes' own contract,
// and a library's refinements stop where its shapes fail.
import type { Path, Problems } from './problem.js';
import { UINT32_MAX } from './route.js';

/** Looks at one value and reports what is wrong with it. */
export type Check = (value: unknown, at: Path, problems: Problems) => void;

export type Fields = Readonly<Record<string, Check>>;

/** Deep enough for any instruction to a gateway, and shallow enough to walk by recursion. */
const EFFECTS_DEPTH_MAX = 16;

// Unicode's White_Space property, which trim() only resembles: trim() strips U+FEFF, which isn't white space, and
// keeps U+0085, which is.
const BLANK = /^\p{White_Space}*$/u;

export function isBlank(text: string): boolean {
  return BLANK.test(text);
}

/** A map from text to values, as parsers give it. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** Every key must be one of `fields`, and each value pass that field's check. False: not even a map. */
export function checkFields(value: unknown, fields: Fields, at: Path, problems: Problems): boolean {
  if (!isMap(value)) {
    problems.add(at, 'invalid_field', `expected a map, got ${describe(value)}`);
    return false;
  }
  for (const [key, member] of Object.entries(value)) {
    const check = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (check === undefined) {
      problems.add(
        [...at, key],
        'unknown_field',
        `unknown field; expected one of ${Object.keys(fields).join(', ')}`,
      );
    } else {
      check(member, [...at, key], problems);
    }
  }
  return true;
}

export const boolean: Check = (value, at, problems) => {
  if (typeof value !== 'boolean')
    problems.add(at, 'invalid_field', `expected true or false, got ${describe(value)}`);
};

export const uint32: Check = (value, at, problems) => {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > UINT32_MAX) {
    const range = `a whole number from 0 to ${UINT32_MAX}`;
    problems.add(at, 'invalid_field', `expected ${range}, got ${describe(value)}`);
  }
};

export const text: Check = (value, at, problems) => {
  if (typeof value !== 'string') problems.add(at, 'invalid_field', `expected text, got ${describe(value)}`);
};

export const textNotBlank: Check = (value, at, problems) => {
  if (typeof value !== 'string') text(value, at, problems);
  else if (isBlank(value)) problems.add(at, 'blank', 'must not be blank');
};

/** A list of text without blank members and exact duplicates; variants in upper and lower case aren't duplicates. */
export const distinctTexts: Check = (value, at, problems) => {
  if (!Array.isArray(value)) {
    problems.add(at, 'invalid_field', `expected a list of text, got ${describe(value)}`);
    return;
  }
  const seen = new Set<unknown>();
  for (const [index, member] of value.entries()) {
    textNotBlank(member, [...at, index], problems);
    if (typeof member === 'string' && !isBlank(member) && seen.has(member)) {
      problems.add([...at, index], 'duplicate', `${JSON.stringify(member)} is in the list already`);
    }
    seen.add(member);
  }
};

export function oneOf(values: readonly string[]): Check {
  return (value, at, problems) => {
    if (typeof value !== 'string') text(value, at, problems);
    else if (!values.includes(value)) {
      problems.add(at, 'unsupported', `${JSON.stringify(value)} is none of ${values.join(', ')}`);
    }
  };
}

/** US dollars as a bound: not negative, finite. */
export const costBound: Check = (value, at, problems) => {
  if (typeof value !== 'number')
    problems.add(at, 'invalid_field', `expected a number, got ${describe(value)}`);
  else if (!(value >= 0 && value < Infinity)) {
    problems.add(at, 'out_of_range', `expected a finite number of at least 0, got ${value}`);
  }
};

/** US dollars as a limit: positive, finite. */
export const costLimit: Check = (value, at, problems) => {
  if (typeof value !== 'number')
    problems.add(at, 'invalid_field', `expected a number, got ${describe(value)}`);
  else if (!(value > 0 && value < Infinity)) {
    problems.add(at, 'out_of_range', `expected a finite number above 0, got ${value}`);
  }
};

export function orNull(check: Check): Check {
  return (value, at, problems) => {
    if (value !== null) check(value, at, problems);
  };
}

/** A map of JSON values, which nothing here interprets. */
export const effects: Check = (value, at, problems) => {
  if (isMap(value)) jsonValue(value, at, problems, 0);
  else problems.add(at, 'invalid_field', `expected a map, got ${describe(value)}`);
};

function jsonValue(value: unknown, at: Path, problems: Problems, depth: number): void {
  if (depth > EFFECTS_DEPTH_MAX) {
    problems.add(at, 'invalid_field', `nested more than ${EFFECTS_DEPTH_MAX} deep`);
  } else if (Array.isArray(value)) {
    for (const [index, member] of value.entries()) jsonValue(member, [...at, index], problems, depth + 1);
  } else if (isMap(value)) {
    for (const [key, member] of Object.entries(value)) jsonValue(member, [...at, key], problems, depth + 1);
  } else if (typeof value === 'number' ? !Number.isFinite(value) : !isJsonScalar(value)) {
    problems.add(at, 'invalid_field', `expected a JSON value, got ${describe(value)}`);
  }
}

function isJsonScalar(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'boolean';
}

/** What came, in the words of someone who writes a route. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return value.length > 40 ? 'text' : `the text ${JSON.stringify(value)}`;
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    default:
      return 'a map';
  }
}
