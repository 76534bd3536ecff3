// How a line of the log looks: JSON for programs, plain for people, and for the journal JSON behind the line's
// priority, as sd-daemon(3) has it, so that `journalctl -p err` finds what is wrong.
import { fstatSync } from 'node:fs';
import type { LogFields, LogLevel } from '../log.js';

export type LogFormat = 'json' | 'text' | 'journal';

export const LOG_FORMATS = ['auto', 'json', 'text', 'journal'] as const;

/** Those of syslog. */
const PRIORITIES: Readonly<Record<LogLevel, number>> = { debug: 7, info: 6, warn: 4, error: 3, fatal: 2 };

/** @param journalStream device and inode of what the journal reads, as JOURNAL_STREAM has them. */
export function logFormatFor(
  wanted: (typeof LOG_FORMATS)[number],
  fd: number,
  isTerminal: boolean,
  journalStream: string | undefined,
): LogFormat {
  if (wanted !== 'auto') return wanted;
  if (isTerminal) return 'text';
  // The variable is inherited by whoever is started with another output.
  const { dev, ino } = fstatSync(fd);
  return journalStream === `${dev}:${ino}` ? 'journal' : 'json';
}

/** @param json one line, with its end. */
export function formatLine(format: LogFormat, level: LogLevel, json: string): string {
  switch (format) {
    case 'json':
      return json;
    case 'journal':
      return `<${PRIORITIES[level]}>${json}`;
    case 'text':
      return asPlainLine(json);
  }
}

interface Line extends LogFields {
  readonly level: string;
  readonly time: string;
  readonly event: string;
  readonly msg: string;
}

/** `17:34:05 info  ready: listening on …` */
function asPlainLine(json: string): string {
  const { level, time, event, msg } = JSON.parse(json) as Line;
  return `${time.slice(11, 19)} ${level.padEnd(5)} ${event}: ${msg}\n`;
}
