// The daemon's log on standard output: a JSON object a line for programs, a plain line where a person looks on. It is
// written asynchronously and in bounded memory: a reader that stops reading costs lines, which are counted, and never
// stalls the daemon.
import pino from 'pino';
import type { Log, LogFields, LogLevel } from '../log.js';

/** Lines that wait for a reader. */
const WAITING_BYTES_MAX = 1024 * 1024;

/** How long the process's end waits for a reader of the log. */
const FLUSH_MS = 500;

export interface ProcessLog {
  readonly log: Log;
  /** Resolves when what waits is written out, or nobody reads it: before the process ends. */
  readonly flush: () => Promise<void>;
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
    flush: () =>
      // A reader that has stopped must not keep the process from its end, as a synchronous flush would.
      new Promise((resolve) => {
        const timer = setTimeout(resolve, FLUSH_MS);
        output.flush(() => {
          clearTimeout(timer);
          resolve();
        });
      }),
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
