// What can be wrong with a route that somebody writes. Programs match on the code, people read the message.

export type ProblemCode =
  'unknown_field' | 'invalid_field' | 'blank' | 'duplicate' | 'unsupported' | 'out_of_range' | 'no_effect';

/** The steps from the root of the document to the value, as `when`, `model_in`, 0. */
export type Path = readonly (string | number)[];

export interface Problem {
  /** As a person writes it: `when.model_in[0]`. */
  readonly path: string;
  /** The same, for looking the place up in a document. */
  readonly steps: Path;
  readonly code: ProblemCode;
  readonly message: string;
}

/** Collects every problem of one document, so that a writer hears of all of them at once. */
export class Problems {
  readonly list: Problem[] = [];

  add(steps: Path, code: ProblemCode, message: string): void {
    this.list.push({ path: formatPath(steps), steps, code, message });
  }
}

/** `['when', 'model_in', 0]` → `when.model_in[0]`. */
export function formatPath(steps: Path): string {
  let path = '';
  for (const step of steps) {
    if (typeof step === 'number') path += `[${step}]`;
    else path += path === '' ? step : `.${step}`;
  }
  return path;
}
