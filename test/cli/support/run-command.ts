// Runs a command in this process as main.ts does, and keeps what it prints. One at a time: the console is the process's.
import { mock } from 'node:test';
import { type Command, CommanderError } from 'commander';
import { USAGE, exitCodeOf } from '../../../src/cli/exit-codes.js';
import { SignalboxError } from '../../../src/errors.js';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function run(command: Command, ...args: readonly string[]): Promise<Outcome> {
  const out: string[] = [];
  const errors: string[] = [];
  const log = mock.method(console, 'log', (text: unknown) => void out.push(String(text)));
  const error = mock.method(console, 'error', (text: unknown) => void errors.push(String(text)));
  prepare(command);
  let code = 0;
  process.exitCode = 0;
  try {
    await command.parseAsync(args, { from: 'user' });
    code = process.exitCode;
  } catch (thrown) {
    if (thrown instanceof SignalboxError) {
      errors.push(thrown.message);
      code = exitCodeOf(thrown.code);
    } else if (thrown instanceof CommanderError) {
      errors.push(thrown.message);
      code = thrown.exitCode === 0 ? 0 : USAGE;
    } else throw thrown;
  } finally {
    process.exitCode = undefined;
    log.mock.restore();
    error.mock.restore();
  }
  return { code, stdout: out.join('\n'), stderr: errors.join('\n') };
}

function prepare(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => undefined, writeOut: () => undefined });
  for (const sub of command.commands) prepare(sub);
}
