// A deadline around something that can't be cancelled.
import { SignalboxError } from '../../errors.js';

/** A deadline that passed while the database was at work. */
export class TookTooLong extends SignalboxError {}

/**
 * @param what is waited for: `connecting` tells that there is no database, `the database` that it is at work.
 * @param onLate called when the deadline has passed; the work may still come to an end.
 * @throws SignalboxError `store_unavailable`
 */
export async function inTime<T>(
  work: Promise<T>,
  deadlineMs: number,
  what: 'connecting' | 'the database',
  onLate: () => void = () => undefined,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      onLate();
      const kind = what === 'connecting' ? SignalboxError : TookTooLong;
      reject(new kind('store_unavailable', `${what} took longer than ${deadlineMs} ms`));
    }, deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
