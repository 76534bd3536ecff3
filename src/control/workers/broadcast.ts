// The main thread's voice: what it says, every worker hears, in the order in which it was said. What is said in one turn
// of the loop goes out together: a message costs each worker ten times what it takes to hear what is in it, and when
// somebody invents orgs, or all of them change, there are thousands.
import { randomUUID } from 'node:crypto';
import { BroadcastChannel } from 'node:worker_threads';
import type { Broadcasted, ToWorkers } from '../../worker/thread-messages.js';

/** Of one message: a worker has the loop for itself until it has heard all of it. */
const TOGETHER_MAX = 64;

/** Tables are blocks of memory, which take longer to hear of than anything else: together as long as all of those. */
const TABLES_TOGETHER_MAX = 4;

export class Broadcast {
  /** By which the workers find it. */
  readonly channelName = `signalbox-${randomUUID()}`;
  readonly #channel = new BroadcastChannel(this.channelName);
  #gathered: ToWorkers[] = [];
  #tables = 0;
  /** The last of what is gathered about each org. */
  readonly #lastOf = new Map<string, ToWorkers>();
  /** The last of each kind that is for whoever begins to listen, too. */
  readonly #lasting = new Map<ToWorkers['type'], ToWorkers>();
  #isClosed = false;

  /** Says nothing once it is closed: a read of the store may end after the daemon has. */
  readonly send = (message: ToWorkers): void => {
    if (this.#isClosed || this.#isGathered(message)) return;
    if (this.#gathered.push(message) === 1) setImmediate(this.#flush);
    // Orgs that the store doesn't know have one table together.
    if (message.type === 'table' && message.revision > 0) this.#tables += 1;
    if (this.#gathered.length >= TOGETHER_MAX || this.#tables >= TABLES_TOGETHER_MAX) this.#flush();
  };

  /**
   * The same about the same org, by one read that many asked for, need not be said again before it is heard. All workers
   * would ask anew for whom it isn't enough, each time, and get as many answers as all of them have asked.
   */
  #isGathered(message: ToWorkers): boolean {
    if (!('orgId' in message)) return false;
    const last = this.#lastOf.get(message.orgId);
    this.#lastOf.set(message.orgId, message);
    return last !== undefined && isSame(last, message);
  }

  readonly #flush = (): void => {
    if (this.#isClosed || this.#gathered.length === 0) return;
    const together: Broadcasted = this.#gathered;
    this.#gathered = [];
    this.#lastOf.clear();
    this.#tables = 0;
    this.#channel.postMessage(together);
  };

  /** Every worker asks its clients to go elsewhere. */
  drain(): void {
    this.sendForGood({ type: 'drain' });
  }

  /** Workers that begin to listen later hear it as well, until something else of that kind is said. */
  sendForGood(message: ToWorkers): void {
    this.#lasting.set(message.type, message);
    this.send(message);
  }

  /** A worker began to listen: it was not there when the others were told. */
  welcome(): void {
    for (const message of this.#lasting.values()) this.send(message);
  }

  close(): void {
    this.#isClosed = true;
    this.#channel.close();
  }
}

function isSame(one: ToWorkers, other: ToWorkers): boolean {
  const entries = Object.entries(one) as [string, unknown][];
  const values = new Map(Object.entries(other) as [string, unknown][]);
  return entries.length === values.size && entries.every(([key, value]) => Object.is(values.get(key), value));
}
