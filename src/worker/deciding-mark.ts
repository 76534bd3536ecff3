// Shows, in memory that the main thread reads, which org a worker decides for at this moment: should the worker hang or
// die of it, nobody else could tell any more. On the hot path: six words are written for a decision, none is read.
import { DECIDING, DECIDING_FOR, type VitalSigns } from './thread-messages.js';

export class DecidingMark {
  readonly #words: VitalSigns;

  constructor(vitalSigns: VitalSigns) {
    this.#words = vitalSigns;
  }

  begin(orgId: Int32Array): void {
    const words = this.#words;
    words[DECIDING_FOR] = orgId[0] ?? 0;
    words[DECIDING_FOR + 1] = orgId[1] ?? 0;
    words[DECIDING_FOR + 2] = orgId[2] ?? 0;
    words[DECIDING_FOR + 3] = orgId[3] ?? 0;
    words[DECIDING] = 1;
  }

  end(): void {
    this.#words[DECIDING] = 0;
  }
}
