// The daemon's log on standard output: a JSON object a line for programs, a plain line where a person looks on. It is
// written asynchronously and in bounded memory: a reader that stops reading costs lines, which are counted, and never
// stalls the daemon.
import pino from 'pino';
import type { Log, LogFields, LogLevel } from '../log.js';

/** Lines that wait for a reader. */
const WAITING_BYTES_MAX = 1024 * 1024;

export interface ProcessLog {
  readonly log: Log;
  /** Writes out what waits, at once: before the process ends. */
  readonly flush: () => void;
}

export function openProcessLog(level: LogLevel): ProcessLog {
  const output = pino.destination({ dest: 1, sync: false, maxLength: WAITING_BYTES_MAX });
  // A reader that has gone away is no reason to end.
  output.on('error', () => undefined);
  let dropped = 0;
  output.on('drop', () => (dropped += 1));
  const destination = process.stdout.isTTY
    ? { write: (line: string) => output.write(asPlainLine(line)) }
    : output;
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return {
    log: (lineLevel, event, message, fields) => {
      const lost = dropped;
      dropped = 0;
      logger[lineLevel]({ event, ...fields, ...(lost > 0 ? { droppedLines: lost } : {}) }, message);
    },
    flush: () => {
      try {
        output.flushSync();
      } catch {
        // Nobody reads any more.
      }
    },
  };
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
