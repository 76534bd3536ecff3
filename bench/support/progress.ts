// Says on standard error what is being measured: on a terminal in one line that is written over, elsewhere a line a
// case.

export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #total: number;
  #index = 0;
  #name = '';

  constructor(total: number, stream: NodeJS.WriteStream = process.stderr) {
    this.#total = total;
    this.#stream = stream;
  }

  begin(name: string): void {
    this.#index += 1;
    this.#name = name;
    if (this.#stream.isTTY) this.say('');
    else this.#stream.write(`[${this.#index}/${this.#total}] ${name}\n`);
  }

  say(what: string): void {
    if (!this.#stream.isTTY) return;
    const line = `[${this.#index}/${this.#total}] ${this.#name}  ${what}`;
    // One that is broken can't be written over.
    this.#stream.write(`\r\x1b[K${line.slice(0, this.#stream.columns - 1)}`);
  }

  end(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[K');
  }
}
