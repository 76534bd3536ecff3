// Text that no store can keep as it is: JSON's escapes can say half of a surrogate pair, which has no UTF-8. A database
// would refuse it, or keep another text in its place; and no request could ever match it.
import { isMap } from '../routing/checks.js';
import type { Path, Problems } from '../routing/problem.js';

/** Walks by recursion: the value is one whose depth was looked at. */
export function checkWellFormed(value: unknown, at: Path, problems: Problems): void {
  if (typeof value === 'string') {
    checkText(value, at, problems);
  } else if (Array.isArray(value)) {
    for (const [index, member] of value.entries()) checkWellFormed(member, [...at, index], problems);
  } else if (isMap(value)) {
    for (const [key, member] of Object.entries(value)) {
      checkText(key, [...at, key], problems);
      checkWellFormed(member, [...at, key], problems);
    }
  }
}

function checkText(text: string, at: Path, problems: Problems): void {
  if (!text.isWellFormed())
    problems.add(at, 'invalid_field', 'expected Unicode text, got half of a surrogate pair');
}
