// A YAML text → its content and where in the text each value is, or what is wrong with it as YAML. Pure.
import {
  Composer,
  type CST,
  type Document,
  Lexer,
  LineCounter,
  type Node,
  Parser,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  visit,
} from 'yaml';
import { messageOf } from '../errors.js';
import type { Path } from '../routing/problem.js';

/** From 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface SyntaxProblem extends Place {
  readonly message: string;
}

export type YamlDocument =
  | {
      readonly ok: true;
      readonly document: Document.Parsed;
      /** Lists, scalars and objects without a prototype. */
      readonly content: unknown;
      /** Where a value is; of one that is missing, where the innermost thing around it is. */
      readonly placeOf: (steps: Path) => Place;
    }
  | { readonly ok: false; readonly problems: readonly SyntaxProblem[] };

/** Uses of one anchor, those within other anchors multiplied: plenty for lists that routes share, and no bomb. */
const ALIASES_MAX = 10_000;

/** Levels of lists and maps, aliases followed: three times what a route with the deepest effects has. */
const DEPTH_MAX = 64;
const TOO_DEEP = `nested more than ${DEPTH_MAX} deep`;

class NestedTooDeep extends Error {
  constructor(readonly offset: number) {
    super(TOO_DEEP);
  }
}

export function readYaml(source: string): YamlDocument {
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const refused = (problems: readonly (readonly [offset: number, message: string])[]): YamlDocument => ({
    ok: false,
    problems: problems.map(([offset, message]) => ({ ...place(offset), message })),
  });
  let documents: Document.Parsed[];
  try {
    documents = compose(source, lines);
  } catch (error) {
    if (error instanceof NestedTooDeep) return refused([[error.offset, error.message]]);
    throw error;
  }
  const [document, another] = documents;
  if (document === undefined) return refused([[0, 'there is no document']]);
  // A warning is a tag or a directive that means nothing here; whoever wrote `!env MODEL` didn't mean the text MODEL.
  const errors = [...document.errors, ...document.warnings];
  if (errors.length > 0) return refused(errors.map(({ pos, message }) => [pos[0], message]));
  const repeated = repeatedKeys(document);
  if (repeated.length > 0) return refused(repeated);
  if (another !== undefined) return refused([[another.range[0], 'expected one document, got another']]);
  try {
    // Maps come as Map objects: no key can meet an object's prototype on the way.
    const content = toPlain(document.toJS({ mapAsMap: true, maxAliasCount: ALIASES_MAX }));
    return { ok: true, document, content, placeOf: (steps) => place(offsetOf(document, steps)) };
  } catch (error) {
    // An alias without an anchor, too many aliases, or one that is part of what it stands for.
    const dangling = danglingAliases(document);
    return refused(dangling.length > 0 ? dangling : [[0, messageOf(error)]]);
  }
}

/**
 * As the library's parseDocument, but for texts that are nested too deep. Whatever looks at a document recurses with
 * its depth, the library above all, and running out of stack can't be relied on to throw: V8 ends the process if it
 * happens while a regular expression is being compiled. The library's parser doesn't recurse, so it is stopped there.
 */
function compose(source: string, lines: LineCounter): Document.Parsed[] {
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false, stringKeys: true });
  return Array.from(composer.compose(tokensOf(source, lines), true, source.length));
}

function* tokensOf(source: string, lines: LineCounter): Generator<CST.Token, void> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(source)) {
    yield* parser.next(lexeme);
    // The document itself is on the stack as well.
    if (parser.stack.length > DEPTH_MAX + 1) throw new NestedTooDeep(parser.offset);
  }
  yield* parser.end();
}

/** Maps as objects without a prototype, in which `__proto__` is a key like any other. */
function toPlain(value: unknown, depth = 0): unknown {
  if (depth > DEPTH_MAX) throw new RangeError(`${TOO_DEEP}: an alias may be part of what it stands for`);
  if (Array.isArray(value)) return value.map((member) => toPlain(member, depth + 1));
  if (!(value instanceof Map)) return value;
  const plain = Object.create(null) as Record<string, unknown>;
  for (const [key, member] of value) plain[String(key)] = toPlain(member, depth + 1);
  return plain;
}

/** The library compares each key of a map with each other one, which takes minutes for a file of many orgs. */
function repeatedKeys(document: Document.Parsed): [offset: number, message: string][] {
  const repeated: [offset: number, message: string][] = [];
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (seen.has(name))
          repeated.push([startOf(key) ?? 0, `the key ${JSON.stringify(name)} is given twice`]);
        seen.add(name);
      }
    },
  });
  return repeated;
}

function danglingAliases(document: Document.Parsed): [offset: number, name: string][] {
  const dangling: [offset: number, name: string][] = [];
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) === undefined) dangling.push([startOf(alias) ?? 0, alias.source]);
    },
  });
  return dangling;
}

/** Where in the source a value is; of one that is missing, where the innermost thing around it is. */
function offsetOf(document: Document.Parsed, steps: Path): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const step of steps) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
      if (pair === undefined) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      offset = startOf(node) ?? offset;
    } else {
      break;
    }
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  if (isPair(node)) return startOf(node.key);
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}
