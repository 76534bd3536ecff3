// A refusal of the admin API → the error that ends the command: one line that says what to do, and a line more for
// each problem of a route. Pure.
import { SignalboxError } from '../../errors.js';
import { printable } from '../output/printable.js';
import type { ProblemAnswer } from './answers.js';

/** @param problem what came with the status, so far as it was JSON. */
export function errorOfAnswer(status: number, problem: ProblemAnswer): SignalboxError {
  const text = printableLines(problem.detail ?? problem.title ?? `the daemon answered with status ${status}`);
  switch (status) {
    case 401:
    case 403:
      return new SignalboxError('refused', `${text}; give the right token with --admin-token-file`);
    case 409:
    case 412:
      return new SignalboxError('conflict', text.includes('read it again') ? text : `${text}: read it again`);
    case 503:
    case 504:
      return new SignalboxError(
        problem.code === 'store_unavailable' ? 'store_unavailable' : 'unavailable',
        text,
      );
    default:
      return status >= 500 && status !== 501
        ? new SignalboxError('internal', text)
        : new SignalboxError('refused', [text, ...problemLines(problem)].join('\n'));
  }
}

/** A detail may have several lines: a route file's problems. */
function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

function problemLines({ problems = [] }: ProblemAnswer): string[] {
  return problems.map(({ path, code, message }) =>
    printable(path === '' ? `  ${code}: ${message}` : `  ${path}: ${code}: ${message}`),
  );
}
