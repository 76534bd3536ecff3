// One life of a database server, as a child of the tests' process which doesn't outlive that, however it ends.
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { ServerHome } from './mariadb-install.js';

export interface ServerProcess {
  readonly child: ChildProcess;
  readonly watcher: Socket;
  readonly exited: Promise<void>;
}

// Runs the server in the shell's place, so that it is a child of ours, and a watcher beside it that reads a pipe from
// us. A line there means that the server has ended, another that its directory is in good hands; the end of the pipe
// means that we have ended, in whatever way, and then the watcher clears up.
const WATCHED = `
  end() {
    kill -KILL $$
    for try in 1 2 3 4 5 6 7 8 9; do kill -0 $$ && sleep 0.1; done
  }
  { read -r ended || end; read -r released || rm -rf "$0"; } <&3 >/dev/null 2>&1 &
  exec "$@" 3<&-
`;

/** In a session of its own: a terminal's Ctrl-C is for the tests. */
export async function spawnServer({ directory, command, logFile }: ServerHome): Promise<ServerProcess> {
  const log = await open(logFile, 'a');
  const stdio: StdioOptions = ['ignore', log.fd, log.fd, 'pipe'];
  const child = spawn('sh', ['-c', WATCHED, directory, ...command], { detached: true, stdio });
  const watcher = child.stdio[3] as Socket;
  watcher.on('error', () => undefined);
  const exited = once(child, 'exit').then(() => void watcher.write('ended\n'));
  await Promise.all([once(child, 'spawn'), log.close()]);
  return { child, watcher, exited };
}
