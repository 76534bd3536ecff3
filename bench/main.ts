// `npm run bench`: runs the cases and prints one table; see `--help`. Progress goes to standard error. Exit codes: 0; 1
// when a case failed, a figure isn't to be trusted, or `--compare` found something worse; 2 usage; 130 interrupted.
import { type BenchOptions, UsageError, benchCommand } from './support/command-line.js';
import { measureAndReport } from './support/measure-and-report.js';

const INTERRUPTED = 130;
const USAGE = 2;

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    interrupt.abort(new Error('interrupted'));
  });
}

async function run(names: readonly string[], options: BenchOptions): Promise<void> {
  try {
    process.exitCode = await measureAndReport(names, options, interrupt.signal);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    process.exitCode = interrupt.signal.aborted ? INTERRUPTED : error instanceof UsageError ? USAGE : 1;
    process.stderr.write(interrupt.signal.aborted ? 'interrupted\n' : `bench: ${text}\n`);
  }
}

await benchCommand(run).parseAsync();
