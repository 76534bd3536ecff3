// The one error class, and the one table of codes. Programs and people match codes, never texts; a code is never
// used again for something else. A text says what was expected and what came.

/** What each code means, and whether the same call may succeed when it is simply made again. */
export const ERROR_CODES = {
  // Answers on the wire.
  bad_request: { meaning: 'the request cannot be understood', retry: false },
  unavailable: { meaning: 'no table of that org can be had now', retry: true },
  overloaded: { meaning: 'a limit is reached', retry: true },
  draining: { meaning: 'the daemon is about to end; connect again', retry: true },
  internal: { meaning: 'a defect of signalbox', retry: false },
  // What a caller of the store is told.
  conflict: { meaning: 'the route has changed since it was read', retry: false },
  store_unavailable: { meaning: 'the store cannot be read or written now', retry: true },
  // What ends a command.
  usage: { meaning: 'the command line is wrong', retry: false },
  configuration: { meaning: 'a setting, or the place it points to, is wrong', retry: false },
  refused: { meaning: "the command's own no", retry: false },
  // What a client is told, before any daemon is.
  unreachable: { meaning: 'no daemon answers at the socket', retry: true },
  timeout: { meaning: 'no answer came in time', retry: true },
  closed: { meaning: 'the client was closed', retry: false },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export class SignalboxError extends Error {
  override readonly name = 'SignalboxError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a system error, such as ENOENT. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
