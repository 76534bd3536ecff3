// Room of a fixed size that all connections of a worker share, such as that for parked requests. Nobody has a part of it
// reserved; instead, each may have as much as is free (the dynamic threshold of Choudhury and Hahne, "Dynamic queue
// length thresholds for shared-memory packet switches", 1998). One that takes all it can get has half of it at most,
// two have a third each, and so on: there is always something left for whoever comes next.

export class SharedRoom {
  readonly max: number;
  #used = 0;

  constructor(max: number) {
    this.max = max;
  }

  /** What anybody may have at most, now. */
  get free(): number {
    return Math.max(0, this.max - this.#used);
  }

  /** A part of it for one connection, empty at first. */
  share(): Share {
    return new Share(this, (difference) => (this.#used += difference));
  }
}

export class Share {
  readonly #room: SharedRoom;
  readonly #use: (difference: number) => void;
  #own = 0;

  constructor(room: SharedRoom, use: (difference: number) => void) {
    this.#room = room;
    this.#use = use;
  }

  /** Whether its owner has more than it may. */
  get isTooLarge(): boolean {
    return this.#own > this.#room.free;
  }

  /** Whether its owner may have so much more. */
  hasRoomFor(amount: number): boolean {
    return this.#own + amount <= this.#room.free;
  }

  add(difference: number): void {
    this.#own += difference;
    this.#use(difference);
  }

  set(own: number): void {
    this.add(own - this.#own);
  }
}
