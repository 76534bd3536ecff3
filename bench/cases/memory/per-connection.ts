// What a thousand idle connections add to a daemon, each of which has had one answer.
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import type { BenchCase } from '../../support/bench-case.js';
import { figure } from '../../support/figure.js';
import { ORG, requestFrame } from '../../support/payloads.js';
import { residentBytes } from '../../support/resident-memory.js';
import { SocketBench } from '../../support/socket-bench.js';
import { typicalRequest } from '../../support/typical.js';

const CONNECTIONS = 1000;
/** Opened before anything is counted: the daemon is warm. */
const WARM = 200;

export const bench: BenchCase = {
  about: 'resident memory that a connection adds to a daemon with one worker',
  figures: ['idle'],
  isInReadme: true,
  async run(context) {
    const sockets = await SocketBench.open(context);
    const { socketPath, process: daemon } = await sockets.startDaemon(1);
    const connections: Socket[] = [];
    context.defer(() => {
      for (const connection of connections) connection.destroy();
    });
    const open = async (count: number): Promise<void> => {
      for (let opened = 0; opened < count; opened += 1) {
        context.signal.throwIfAborted();
        connections.push(await openAndAsk(socketPath));
      }
    };
    await open(WARM);
    const before = await residentBytes(daemon.pid);
    await open(CONNECTIONS);
    const bytes = ((await residentBytes(daemon.pid)) - before) / CONNECTIONS;
    return [figure({ name: 'idle', unit: 'bytes', better: 'less', headline: 'value', rounds: [bytes] })];
  },
};

async function openAndAsk(path: string): Promise<Socket> {
  const socket = connect(path);
  await once(socket, 'connect');
  socket.write(requestFrame(ORG, typicalRequest(0)));
  await once(socket, 'data');
  return socket;
}
