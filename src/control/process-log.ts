// The daemon's log on standard output. It is written asynchronously and in bounded memory: a reader that stops
// reading costs lines, which are counted to the last one, and never stalls the daemon.
import pino from 'pino';
import type { Log, LogLevel } from '../log.js';
import { type LogFormat, formatLine } from './log-format.js';

/** Lines that wait for a reader. */
const WAITING_BYTES_MAX = 1024 * 1024;

/** How long the process's end waits for a reader of the log. */
const FLUSH_MS = 500;

export interface ProcessLogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** What is written to; standard output unless told. */
  readonly fd?: number;
}

export class ProcessLog {
  readonly #output: ReturnType<typeof pino.destination>;
  readonly #logger: pino.Logger;
  readonly #format: LogFormat;
  #level: LogLevel = 'info';
  #dropped = 0;
  /** Of those, how many a line has told of that was not dropped itself. */
  #told = 0;
  #isWriting = false;
  readonly #flushed: (() => void)[] = [];

  constructor({ level, format, fd = 1 }: ProcessLogOptions) {
    this.#format = format;
    this.#output = pino.destination({ dest: fd, sync: false, maxLength: WAITING_BYTES_MAX });
    // A reader that has gone away is no reason to end.
    this.#output.on('error', () => {
      this.#written();
    });
    this.#output.on('drop', () => (this.#dropped += 1));
    this.#output.on('drain', () => {
      this.#written();
      this.#tellDropped();
    });
    this.#logger = pino(
      {
        level,
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      { write: (json: string) => this.#write(json) },
    );
  }

  /** Lines that were lost since the start, because nobody read them. */
  get dropped(): number {
    return this.#dropped;
  }

  readonly log: Log = (level, event, message, fields) => {
    if (!this.#logger.isLevelEnabled(level)) return;
    const dropped = this.#dropped;
    const untold = dropped - this.#told;
    this.#level = level;
    this.#logger[level]({ event, ...fields, ...(untold > 0 ? { droppedLines: untold } : {}) }, message);
    // The line that was to tell it may have been dropped as well.
    if (this.#dropped === dropped) this.#told = dropped;
  };

  /** Resolves when what waits is written out, or nobody reads it: before the process ends. */
  flush(): Promise<void> {
    // The output's own flush doesn't wait, and its synchronous one would wait for ever on a reader that has stopped.
    return new Promise((resolve) => {
      if (!this.#isWriting) return resolve();
      const timer = setTimeout(resolve, FLUSH_MS);
      this.#flushed.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #write(json: string): void {
    const dropped = this.#dropped;
    this.#output.write(formatLine(this.#format, this.#level, json));
    if (this.#dropped === dropped) this.#isWriting = true;
  }

  /** All that was waiting is written, or can't be. */
  #written(): void {
    this.#isWriting = false;
    for (const resolve of this.#flushed.splice(0)) resolve();
  }

  #tellDropped(): void {
    const untold = this.#dropped - this.#told;
    if (untold > 0)
      this.log('warn', 'log.dropped', `nobody read the log, and ${untold} lines of it are lost`);
  }
}
