// Which parts of src/ have run, as V8 counts them: what tells an input that comes to a place where none was before from
// the many that don't. Counting slows the code, so it is for the beginning of a run.
import { type Profiler, Session } from 'node:inspector';

export class Coverage {
  readonly #session = new Session();
  /** By script, one byte for each character of it: whether it has run. */
  readonly #seen = new Map<string, Uint8Array>();
  #characters = 0;

  start(): void {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  stop(): void {
    this.#session.post('Profiler.stopPreciseCoverage');
    this.#session.disconnect();
  }

  /** Of compiled code that have run. */
  get characters(): number {
    return this.#characters;
  }

  /** Whether something has run since the last look that never did before. */
  hasGrown(): boolean {
    const before = this.#characters;
    for (const script of this.#take()) if (script.url.includes('/dist/src/')) this.#add(script);
    return this.#characters > before;
  }

  #add({ url, functions }: Profiler.ScriptCoverage): void {
    const ranges = functions.flatMap((part) => part.ranges);
    const end = ranges.reduce((last, { endOffset }) => Math.max(last, endOffset), 0);
    let seen = this.#seen.get(url) ?? new Uint8Array(end);
    if (seen.length < end) seen = Buffer.concat([seen, new Uint8Array(end - seen.length)]);
    this.#seen.set(url, seen);
    // What is inside comes after what is around it, and has its own count.
    const now = new Uint8Array(end);
    for (const { startOffset, endOffset, count } of ranges)
      now.fill(count > 0 ? 1 : 0, startOffset, endOffset);
    for (let at = 0; at < end; at += 1) {
      if (now[at] !== 1 || seen[at] === 1) continue;
      seen[at] = 1;
      this.#characters += 1;
    }
  }

  #take(): readonly Profiler.ScriptCoverage[] {
    let taken: readonly Profiler.ScriptCoverage[] = [];
    // In the process's own session, answers come before the call returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error;
      taken = result;
    });
    return taken;
  }
}
