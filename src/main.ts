#!/usr/bin/env node
// The executable: argv → command → exit code. Every error ends as one line that says what to do.
import { Command, CommanderError } from 'commander';
import { CONFIGURATION, INTERNAL_ERROR, NO, OK, USAGE, exitCodeOf } from './cli/exit-codes.js';
import { commandsFor } from './cli/commands.js';
import { watchOutput } from './cli/output/broken-output.js';
import { RestartPace } from './cli/restart-pace.js';
import { packageVersion } from './cli/version.js';
import { isSupervised } from './config.js';
import { SignalboxError, messageOf } from './errors.js';

const program = new Command('signalbox')
  .description('The decision daemon for LLM gateways: which model should this request go to?')
  .version(packageVersion())
  .addHelpText(
    'after',
    '\nEvery flag of serve has an environment variable too: SIGNALBOX_ and its name in capitals, as SIGNALBOX_MAX_STALE.',
  );

/** Subcommands of subcommands too: what one is told isn't handed down. */
function prepare(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => undefined });
  for (const each of command.commands) prepare(each);
}

const [, , name] = process.argv;
watchOutput([process.stdout, process.stderr], (message) => {
  complain(message);
  // Whatever the command makes of its end.
  process.once('exit', (code) => (process.exitCode = code === OK ? NO : code));
});

const pace = new RestartPace(name === 'serve' && isSupervised());

try {
  for (const command of await commandsFor(name)) program.addCommand(command);
  prepare(program);
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCode(error);
  // What was wrong is said by now; the process ends when nothing keeps it any more.
  if (process.exitCode !== OK) setTimeout(() => undefined, pace.failedStartMs);
}

function exitCode(error: unknown): number {
  if (error instanceof CommanderError) {
    // Help and the version are "errors" with code 0; help that stands in for a missing command is a usage error.
    if (error.exitCode === 0) return OK;
    if (error.code === 'commander.help') return USAGE;
    complain(`${error.message.replace(/^error: /, '').replaceAll('\n', ' ')}; see --help`);
    return error.message.includes('from env') ? CONFIGURATION : USAGE;
  }
  if (error instanceof SignalboxError) {
    complain(error.message);
    return exitCodeOf(error.code);
  }
  complain(`a defect: ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}`);
  return INTERNAL_ERROR;
}

function complain(message: string): void {
  process.stderr.write(`signalbox: ${message}\n`);
}
