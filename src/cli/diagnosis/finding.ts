// What `signalbox doctor` finds at one place: all right, something to look at, or something that is wrong, and then
// what to do about it.

export interface Finding {
  /** What was looked at. */
  readonly subject: string;
  readonly result: 'ok' | 'warning' | 'wrong';
  readonly text: string;
  /** What to do. */
  readonly advice?: string;
}

export function ok(subject: string, text: string): Finding {
  return { subject, result: 'ok', text };
}

export function warning(subject: string, text: string, advice: string): Finding {
  return { subject, result: 'warning', text, advice };
}

export function wrong(subject: string, text: string, advice: string): Finding {
  return { subject, result: 'wrong', text, advice };
}
