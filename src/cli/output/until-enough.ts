// A command that goes on until somebody has seen enough: by Ctrl-C, by a service manager's signal, or because whoever
// reads its output has gone, as `head` does.

/** Runs the command, and aborts its signal when it is to end. */
export async function untilEnough(command: (ended: AbortSignal) => Promise<void>): Promise<void> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  process.stdout.once('error', end);
  try {
    await command(ended.signal);
  } finally {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
    process.stdout.off('error', end);
  }
}
