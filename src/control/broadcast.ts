// The main thread's voice: what it says, every worker hears, in the order in which it was said.
import { randomUUID } from 'node:crypto';
import { BroadcastChannel } from 'node:worker_threads';
import type { ToWorkers } from '../worker/thread-messages.js';

export class Broadcast {
  /** By which the workers find it. */
  readonly channelName = `signalbox-${randomUUID()}`;
  readonly #channel = new BroadcastChannel(this.channelName);
  #isDraining = false;
  #isClosed = false;

  /** Says nothing once it is closed: a read of the store may end after the daemon has. */
  readonly send = (message: ToWorkers): void => {
    if (!this.#isClosed) this.#channel.postMessage(message);
  };

  /** Every worker asks its clients to go elsewhere. */
  drain(): void {
    this.#isDraining = true;
    this.send({ type: 'drain' });
  }

  /** A worker began to listen: it was not there when the others were told. */
  welcome(): void {
    if (this.#isDraining) this.send({ type: 'drain' });
  }

  close(): void {
    this.#isClosed = true;
    this.#channel.close();
  }
}
