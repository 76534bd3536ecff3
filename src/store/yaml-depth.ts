// How deep a YAML text is nested, found without recursion. Whatever reads the text after this recurses with its depth,
// and running out of stack there can't be relied on to throw: V8 ends the process if it happens while a regular
// expression is being compiled.
import { Lexer, LineCounter, Parser } from 'yaml';

/** The place, from 1, at which the text is nested more than that deep; undefined if it is so nowhere. */
export function placeBeyondDepth(
  source: string,
  depthMax: number,
): { line: number; column: number } | undefined {
  const lines = new LineCounter();
  lines.addNewLine(0);
  const parser = new Parser(lines.addNewLine);
  for (const lexeme of new Lexer().lex(source)) {
    // What the parser yields are whole documents, which nobody needs here.
    Array.from(parser.next(lexeme));
    // The document itself is on the stack as well.
    if (parser.stack.length <= depthMax + 1) continue;
    const { line, col } = lines.linePos(parser.offset);
    return { line, column: col };
  }
  return undefined;
}
