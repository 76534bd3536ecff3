// A load as a child process: it says when it is ready, sends until its standard input is closed, and then says what
// became of it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface LoadResult {
  readonly sent: number;
  readonly decided: number;
  /** With the client library: decisions that are none, by reason. */
  readonly failOpen?: Readonly<Record<string, number>>;
  /** How many of them came when, in milliseconds since the epoch. */
  readonly failOpenAtMs?: Readonly<Record<string, number>>;
  /** Of a client that sends nothing twice: what its connections left unanswered, and connections refused. */
  readonly errors?: number;
  readonly lost?: number;
  readonly refused?: number;
  readonly goaways?: number;
  readonly slowerThanDeadline?: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
}

export class LoadProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(name: string, child: ChildProcess, lines: AsyncIterator<string>) {
    this.name = name;
    this.#child = child;
    this.#lines = lines;
  }

  static async start(name: string, program: string, parameters: readonly string[]): Promise<LoadProcess> {
    const child = spawn(program, parameters, { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { value } = (await lines.next()) as { value: unknown };
    if (value !== 'ready') throw new Error(`${name} doesn't start`);
    return new LoadProcess(name, child, lines);
  }

  /** Ends it, and resolves when every request of it has ended too. */
  async stop(): Promise<LoadResult> {
    const ended = once(this.#child, 'close');
    this.#child.stdin?.end();
    const { value } = (await this.#lines.next()) as { value: unknown };
    await ended;
    if (typeof value !== 'string') throw new Error(`${this.name} has failed`);
    return JSON.parse(value) as LoadResult;
  }
}
