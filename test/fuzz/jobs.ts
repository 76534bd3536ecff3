// Several processes that fuzz one target at once, each from a seed of its own, so that a long run uses all cores. What one
// of them finds ends all.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type Totals, sumOf } from './fuzz.js';

export interface JobsOptions {
  readonly target: string;
  /** Of the first; each further one has the next. */
  readonly seed: number;
  /** Of all together. */
  readonly count: number;
  readonly milliseconds: number;
  readonly jobs: number;
  /** Ends all, each after the input that it is at. */
  readonly signal: AbortSignal;
  readonly onProgress: (totals: Totals) => void;
}

/** The exit codes of processes that have found nothing; whoever found something, or crashed, has another. */
const DONE = 0;
const INTERRUPTED = 130;

/** This process was started by another to be one of several. */
export const isJob = process.send !== undefined;

/** Whoever was started by another ends with it. */
export function onOrphaned(end: () => void): void {
  process.once('disconnect', end);
  // To listen would keep the process from ending by itself.
  process.channel?.unref();
}

/** What a process tells the one that started it. */
export function tellTotals(totals: Totals): void {
  if (process.connected) process.send?.(totals);
}

export async function runJobs(
  script: string,
  options: JobsOptions,
): Promise<{ readonly totals: Totals; readonly hasFound: boolean }> {
  const { target, seed, count, milliseconds, jobs, signal, onProgress } = options;
  const latest = new Map<ChildProcess, Totals>();
  const children = Array.from({ length: jobs }, (_, index) =>
    fork(
      script,
      [
        ...['--target', target, '--jobs', '1', '--seed', String(seed + index)],
        ...['--count', String(Math.ceil(count / jobs))],
        ...(milliseconds === Infinity ? [] : ['--minutes', String(milliseconds / 60_000)]),
      ],
      { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
    ),
  );
  const endAll = (): void => {
    for (const child of children) child.kill('SIGINT');
  };
  signal.addEventListener('abort', endAll);
  const totals = (): Totals => sumOf([...latest.values()]);
  const areClean = await Promise.all(
    children.map(async (child) => {
      child.on('message', (so: Totals) => {
        latest.set(child, so);
        if (child === children[0]) onProgress(totals());
      });
      // What it said last may come after its exit, but before its channel is closed.
      const ended = [once(child, 'exit'), once(child, 'disconnect')] as const;
      const [[code]] = (await Promise.all(ended)) as unknown as [[number | null]];
      const isClean = code === DONE || code === INTERRUPTED;
      if (!isClean) endAll();
      return isClean;
    }),
  );
  signal.removeEventListener('abort', endAll);
  return { totals: totals(), hasFound: areClean.includes(false) };
}
