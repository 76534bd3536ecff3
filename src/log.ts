// What the daemon says of itself, as its parts see it: an event with a stable name that programs match, a sentence
// for people, and fields. Never a line for a request.

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export type LogFields = Readonly<Record<string, unknown>>;

export type Log = (level: LogLevel, event: string, message: string, fields?: LogFields) => void;

/** For parts that are used without a daemon around them. */
export const silentLog: Log = () => undefined;
