// Runs a program to its end and gives what it wrote to standard output. Told to end early, it ends the program, waits
// until it is gone, and throws; so nothing is left running behind a bench that was interrupted.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** How long a program may take to end after SIGTERM. */
const END_MS = 3000;

export interface ChildOptions {
  readonly cwd?: string;
  /** What it says on standard error while it succeeds is passed on. */
  readonly passesComplaints?: boolean;
}

/** @throws an Error with the program's own words when it fails; an AbortError when told to end. */
export async function runChild(
  command: string,
  args: readonly string[],
  signal: AbortSignal,
  options: ChildOptions = {},
): Promise<string> {
  signal.throwIfAborted();
  // In a group of its own: a terminal's Ctrl-C is for the bench, which ends its programs in order.
  const child = spawn(command, [...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    cwd: options.cwd,
  });
  let killer: NodeJS.Timeout | undefined;
  const end = (): void => {
    child.kill('SIGTERM');
    killer = setTimeout(() => child.kill('SIGKILL'), END_MS);
  };
  signal.addEventListener('abort', end);
  try {
    const [output, complaint, [code, killedBy]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
    ]);
    signal.throwIfAborted();
    if (code !== 0) {
      throw new Error(complaint.trim() || `${command} ended with ${code ?? killedBy ?? 'nothing'}`);
    }
    if (options.passesComplaints === true) process.stderr.write(complaint);
    return output;
  } finally {
    signal.removeEventListener('abort', end);
    clearTimeout(killer);
  }
}
