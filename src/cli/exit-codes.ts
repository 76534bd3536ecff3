// What a command's end says to whoever started it (sysexits.h for the last two).
import type { ErrorCode } from '../errors.js';

export const OK = 0;
/** The command's own no: an invalid file, nothing found. */
export const NO = 1;
export const USAGE = 2;
export const INTERNAL_ERROR = 70;
export const CONFIGURATION = 78;

export function exitCodeOf(code: ErrorCode): number {
  switch (code) {
    case 'usage':
    case 'bad_request':
      return USAGE;
    case 'configuration':
      return CONFIGURATION;
    case 'internal':
      return INTERNAL_ERROR;
    default:
      return NO;
  }
}
