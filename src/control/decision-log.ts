// Decisions in a file, a JSON object a line: a sample, written asynchronously and in bounded memory. A disk that is
// full or slow costs lines, which are counted, and never stalls the daemon. No prompt is in it, nor anything else that
// a request carried.
import { closeSync, openSync } from 'node:fs';
import pino from 'pino';
import type { DecisionJson } from '../admin/backend.js';
import { SignalboxError, messageOf } from '../errors.js';
import type { Log } from '../log.js';

/** Lines that wait for the disk. */
const WAITING_BYTES_MAX = 4 * 1024 * 1024;

/** What is written at once. */
const WRITE_BYTES = 4096;

/** How long the end waits for the disk. */
const FLUSH_MS = 500;

/** Who may read by whom which model is paid for is for the owner to say. */
const MODE = 0o640;

export class DecisionLog {
  readonly #output: ReturnType<typeof pino.destination>;
  #dropped = 0;
  #isFailing = false;

  /** @throws SignalboxError `configuration` if the file can't be written. */
  constructor(path: string, log: Log) {
    try {
      closeSync(openSync(path, 'a', MODE));
    } catch (error) {
      throw new SignalboxError('configuration', `cannot write --decision-log: ${messageOf(error)}`, {
        cause: error,
      });
    }
    this.#output = pino.destination({
      dest: path,
      sync: false,
      minLength: WRITE_BYTES,
      maxLength: WAITING_BYTES_MAX,
      periodicFlush: 1000,
      mode: MODE,
    });
    this.#output.on('drop', () => (this.#dropped += 1));
    this.#output.on('drain', () => (this.#isFailing = false));
    this.#output.on('error', (error: Error) => {
      if (!this.#isFailing)
        log('error', 'decision_log.failing', `decisions are lost: ${error.message}`, { path });
      this.#isFailing = true;
    });
  }

  /** Returns how many were dropped. */
  write(decisions: readonly DecisionJson[]): number {
    const before = this.#dropped;
    for (const decision of decisions) this.#output.write(`${JSON.stringify(decision)}\n`);
    return this.#dropped - before;
  }

  /** The file was moved away: goes on in a new one of the same name. */
  reopen(): void {
    this.#output.reopen();
  }

  /** Resolves when what waits is written, or the disk takes too long. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, FLUSH_MS);
      this.#output.flush(() => {
        clearTimeout(timer);
        this.#output.destroy();
        resolve();
      });
    });
  }
}
