// Calls that wait for a connection, in the order in which they were made. Their bytes are counted: a daemon that is away
// must not fill the gateway's memory with prompts.
import type { Call } from './call.js';

export class WaitingCalls {
  readonly #calls = new Set<Call>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  add(call: Call): void {
    if (this.#calls.has(call)) return;
    this.#calls.add(call);
    this.#bytes += call.payloadBytes;
  }

  delete(call: Call): void {
    if (this.#calls.delete(call)) this.#bytes -= call.payloadBytes;
  }

  /** Takes all of them out. */
  takeAll(): Call[] {
    const calls = [...this.#calls];
    this.#calls.clear();
    this.#bytes = 0;
    return calls;
  }
}
