// The flags of `npm run bench`.
import { Command, InvalidArgumentError, Option } from 'commander';

const USAGE = 2;

/** The command can't be meant so. */
export class UsageError extends Error {}

export interface BenchOptions {
  readonly list: boolean;
  readonly quick: boolean;
  readonly rounds?: number;
  /** Render a saved result instead of measuring. */
  readonly from?: string;
  readonly json?: string;
  /** A saved result, or a revision of git. */
  readonly compare?: string;
  /** A part: 0.1 is a tenth. */
  readonly threshold: number;
  readonly report?: string;
  readonly history?: string;
  readonly markdown: boolean;
  readonly writeReadme: boolean;
}

const EXAMPLES = `
Cases are files under bench/cases/, named for their claims. Examples:
  npm run bench                                        everything, in some minutes
  npm run bench -- resolve codec/reads                 what begins so
  npm run bench -- socket --json after.json --compare before.json
  npm run bench -- resolve --compare main              builds main, and takes turns with it
  npm run bench -- --from after.json --report page.html --history results/

Exit codes: 0; 1 a case failed, or something is worse than the threshold allows; 2 usage; 130 interrupted.`;

export function benchCommand(
  run: (names: readonly string[], options: BenchOptions) => Promise<void>,
): Command {
  return new Command('bench')
    .description('measures signalbox, its peers and its limits, and prints one table')
    .argument('[names...]', 'cases whose names begin so; all if none is given')
    .addOption(new Option('--list', 'names and claims of the cases').default(false))
    .addOption(new Option('--quick', 'one short round of everything, to see that it runs').default(false))
    .addOption(new Option('--rounds <n>', 'how often the subjects take turns').argParser(positive))
    .addOption(new Option('--from <file>', 'measure nothing; go by a result that was saved with --json'))
    .addOption(new Option('--json <file>', 'save the result'))
    .addOption(new Option('--compare <file|revision>', 'print what has changed since, with its noise'))
    .addOption(
      new Option('--threshold <percent>', 'how much worse than that fails')
        .argParser(percent)
        .default(0.1, '10%'),
    )
    .addOption(new Option('--report <file>', 'write one self-contained page with plots'))
    .addOption(new Option('--history <directory>', 'saved results for the report to plot over time'))
    .addOption(new Option('--markdown', "print README's table").default(false))
    .addOption(new Option('--write-readme', "replace README's table").default(false))
    .addHelpText('after', EXAMPLES)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : USAGE))
    .action(run);
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1000) {
    throw new InvalidArgumentError('expected a whole number from 1 to 1000');
  }
  return value;
}

function percent(text: string): number {
  const value = Number(text.replace(/%$/, ''));
  if (text.trim() === '' || !(value >= 0 && value <= 1000)) {
    throw new InvalidArgumentError('expected a percentage such as 10%');
  }
  return value / 100;
}
