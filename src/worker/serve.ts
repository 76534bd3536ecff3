// A worker's start: subscribes to the main thread's broadcasts before it says that it is ready, so that nothing that
// was published after that can be missed. What was published before, it asks for when a request needs it.
import { BroadcastChannel, parentPort, threadId, workerData } from 'node:worker_threads';
import { monotonicClock } from '../clock.js';
import { ConnectionServer } from './connection-server.js';
import { startHeartbeat } from './heartbeat.js';
import type { Broadcasted, ConnectionTask, FromWorker, WorkerSettings } from './thread-messages.js';

const settings = workerData as WorkerSettings;

function post(message: FromWorker): void {
  parentPort?.postMessage(message);
}

const server = new ConnectionServer(settings, monotonicClock, post);
const channel = new BroadcastChannel(settings.channel);
channel.onmessage = (event): void => {
  for (const message of (event as { data: Broadcasted }).data) server.receive(message);
};
startHeartbeat(monotonicClock, server.vitalSigns);
post({ type: 'ready', threadId, vitalSigns: server.vitalSigns, figures: server.figures });

/** Piscina's task: resolves when the connection has ended. */
export function serveConnection(task: ConnectionTask): Promise<void> {
  return server.serve(task);
}
