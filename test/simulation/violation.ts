// What is thrown where something doesn't hold that must hold in every run.

export class Violation extends Error {
  override readonly name = 'Violation';
}

export function check(condition: boolean, what: string | (() => string)): asserts condition {
  if (!condition) throw new Violation(typeof what === 'string' ? what : what());
}
