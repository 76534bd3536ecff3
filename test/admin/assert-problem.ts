// What a refusal has to look like, whatever it is about.
import assert from 'node:assert/strict';
import { REFUSALS, type RefusalCode } from '../../src/admin/refusal.js';
import type { Answer } from './admin-under-test.js';

export interface ProblemJson {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly problems?: readonly { readonly path: string; readonly code: string; readonly message: string }[];
}

/** Checks the problem details, and returns them. */
export function assertProblem(answer: Answer, code: RefusalCode, detail = /./): ProblemJson {
  const { status, title } = REFUSALS[code];
  assert.equal(answer.headers['content-type'], 'application/problem+json', answer.text);
  const problem = answer.json as ProblemJson;
  assert.deepEqual(
    { type: problem.type, title: problem.title, status: problem.status, code: problem.code },
    { type: `urn:signalbox:${code}`, title, status, code },
    problem.detail,
  );
  assert.equal(answer.status, status);
  assert.match(problem.detail, detail);
  return problem;
}

/** The problems as `path code`, in their order. */
export function problemsOf(answer: Answer): string[] {
  const { problems = [] } = assertProblem(answer, 'invalid_route');
  return problems.map(({ path, code }) => `${path} ${code}`);
}
