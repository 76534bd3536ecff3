// Payloads that a client might send, and that no client would: requests with values of every kind, some where another is
// expected, a key twice or missing, and then bytes changed at random, or taken from other inputs that were worth keeping.
import type { Random } from '../support/random.js';
import {
  COSTS,
  KEYS,
  NUMBERS,
  ORG_COUNT,
  TELLING_BYTES,
  TEXTS,
  WRONG_NUMBERS,
  orgOf,
} from './wire-samples.js';
import { SCRATCH_BYTES, WireWriter } from './wire-writer.js';

export class WireGenerator {
  readonly #random: Random;
  readonly #corpus: readonly Buffer[];
  readonly #writer: WireWriter;

  /** @param corpus inputs to change; whoever finds more adds them. */
  constructor(random: Random, corpus: readonly Buffer[]) {
    this.#random = random;
    this.#corpus = corpus;
    this.#writer = new WireWriter(random);
  }

  /** One payload, in memory of its own. */
  payload(): Buffer {
    const random = this.#random;
    if (this.#corpus.length > 0 && random.chance(0.2)) {
      this.#writer.beginWith(random.pick(this.#corpus).subarray(0, SCRATCH_BYTES / 2));
    } else {
      this.#writer.begin();
      this.#message();
    }
    const changes = random.pick([0, 0, 0, 0, 0, 1, 1, 2, 5]);
    for (let left = changes; left > 0; left -= 1) this.#writer.change(this.#corpus);
    return this.#writer.written;
  }

  #message(): void {
    const random = this.#random;
    const writer = this.#writer;
    const kind = random.below(20);
    if (kind === 0) return this.#anything(3);
    if (kind === 1) {
      writer.list(writer.isWrong() ? random.below(5) : 3);
      writer.int(2);
      writer.text(random.pick(['cancelled', '', 'resolve']));
      return this.#anything(random.pick([1, 5, 40]));
    }
    writer.list(writer.isWrong() ? random.below(6) : 4);
    writer.int(writer.isWrong() ? random.pick([1, 2, 3, -1]) : 0);
    if (writer.isWrong()) this.#anything(1);
    else writer.int(random.chance(0.5) ? random.below(1000) : random.pick(NUMBERS));
    if (kind === 2)
      writer.text(random.pick(['explain', 'Resolve', 'hell', 'goaway', 'resolve ', 'm'.repeat(50)]));
    else writer.text(kind < 5 ? 'hello' : 'resolve');
    if (writer.isWrong()) return this.#anything(2);
    writer.list(writer.isWrong() ? random.below(3) : 1);
    this.#params();
  }

  #params(): void {
    const random = this.#random;
    const writer = this.#writer;
    const keys: string[] = ['org_id', 'model'];
    for (let more = random.below(7); more > 0; more -= 1) {
      const key = random.pick(KEYS);
      if (!keys.includes(key)) keys.push(key);
    }
    if (writer.isWrong()) keys.push(random.pick(keys));
    if (writer.isWrong()) keys.splice(random.below(2), 1);
    if (random.chance(0.3)) keys.sort(() => random.next() - 0.5);
    writer.map(writer.isWrong() ? random.below(20) : keys.length);
    for (const key of keys) {
      if (writer.isWrong()) this.#anything(1);
      else writer.text(key);
      if (writer.isWrong()) this.#anything(2);
      else if (random.chance(0.05)) writer.byte(0xc0);
      else this.#valueOf(key);
    }
  }

  #valueOf(key: string): void {
    const random = this.#random;
    const writer = this.#writer;
    switch (key) {
      case 'org_id':
        return this.#orgId();
      case 'model':
      case 'tag':
      case 'prompt':
      case 'content_type':
      case 'force_route':
        return writer.text(this.#someText());
      case 'input_tokens':
      case 'upstream_p95_ms':
      case 'min_revision':
        return writer.int(random.pick(writer.isWrong() ? WRONG_NUMBERS : NUMBERS));
      case 'has_images':
      case 'has_audio':
      case 'has_documents':
      case 'reasoning_class':
        return writer.byte(random.chance(0.5) ? 0xc2 : 0xc3);
      case 'estimated_cost_usd':
        if (random.chance(0.3)) return writer.int(random.pick(NUMBERS));
        return writer.float(writer.isWrong() ? random.pick([NaN, Infinity, -Infinity]) : random.pick(COSTS));
      default:
        return this.#anything(random.pick([1, 1, 2, 4, 31, 32, 33, 34]));
    }
  }

  #someText(): string {
    const random = this.#random;
    const text = random.pick(TEXTS);
    return random.chance(0.2) ? text + random.pick(TEXTS) : text;
  }

  #orgId(): void {
    const random = this.#random;
    const writer = this.#writer;
    const id = orgOf(random.chance(0.95) ? random.below(ORG_COUNT) : random.below(1000));
    if (random.chance(0.3)) {
      const bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
      writer.sized(0xc4, writer.isWrong() ? bytes.subarray(1) : bytes);
    } else {
      writer.text(random.chance(0.1) ? id.toUpperCase() : writer.isWrong() ? id.slice(1) : id);
    }
  }

  /** A value of any kind, nested up to so deep. */
  #anything(depth: number): void {
    const random = this.#random;
    const writer = this.#writer;
    if (depth > 1 && random.chance(0.7)) {
      const size = depth > 8 ? 1 : random.below(4);
      if (random.chance(0.5)) {
        writer.list(size);
        for (let left = size; left > 0; left -= 1) this.#anything(depth - 1);
      } else {
        writer.map(size);
        for (let left = size; left > 0; left -= 1) {
          if (random.chance(0.1)) this.#anything(1);
          else writer.text('k');
          this.#anything(depth - 1);
        }
      }
      return;
    }
    switch (random.below(8)) {
      case 0:
        return writer.byte(0xc0);
      case 1:
        return writer.byte(0xc3);
      case 2:
        return writer.float(random.pick(COSTS));
      case 3:
        return writer.sized(0xc4, random.bytes(random.below(20)));
      case 4:
        return writer.text(this.#someText());
      case 5:
        return writer.isWrong() ? writer.byte(random.pick(TELLING_BYTES)) : writer.list(0);
      default:
        return writer.int(random.pick(random.chance(0.5) ? NUMBERS : WRONG_NUMBERS));
    }
  }
}
