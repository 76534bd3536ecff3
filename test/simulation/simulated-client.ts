// A client with one connection: sends requests in frames that are cut anywhere, reads its answers or lets them lie, and
// keeps the account of what it is owed.
import { Unpackr } from 'msgpackr/unpack';
import type { Random } from '../support/random.js';
import { requestFrame } from '../support/wire-client.js';
import type { Answer, AskedRequest } from './judge.js';
import type { SimulatedSocket } from './simulated-socket.js';
import { check } from './violation.js';
import type { Thread, VirtualTime } from './virtual-time.js';
import type { WorkerRecord } from './worker-record.js';

const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });

type Message = readonly [1, number, Answer['error'], unknown] | readonly [2, string, unknown];

export class SimulatedClient {
  /** Asked and not answered yet. */
  readonly owed = new Map<number, AskedRequest>();
  isOpen = false;
  /** It was asked to go elsewhere. */
  isSentAway = false;
  #hasEnded = false;
  #lastSentMs = 0;
  #socket: SimulatedSocket | undefined;
  #thread: Thread | undefined;
  #record: WorkerRecord | undefined;

  constructor(
    private readonly time: VirtualTime,
    private readonly random: Random,
  ) {}

  /** It can send requests. */
  get canAsk(): boolean {
    return this.isOpen && !this.#hasEnded;
  }

  connect(socket: SimulatedSocket, thread: Thread, record: WorkerRecord): void {
    this.#socket = socket;
    this.#thread = thread;
    this.#record = record;
    this.isOpen = true;
  }

  /** Sends requests in one go; they arrive in one piece, or in several with time in between. */
  ask(requests: readonly Omit<AskedRequest, 'receivedMs' | 'busyMsBefore' | 'mayWaitForClient'>[]): void {
    const socket = this.#socket;
    const record = this.#record;
    if (socket === undefined || record === undefined) return;
    const frames: Buffer[] = [];
    const arrivals: { end: number; request: AskedRequest }[] = [];
    let end = 0;
    for (const request of requests) {
      const { id, orgId, model, minRevision } = request;
      const revision = minRevision === undefined ? {} : { min_revision: minRevision };
      const frame = requestFrame(id, 'resolve', { org_id: orgId, model, ...revision });
      frames.push(frame);
      end += frame.length;
      const asked = { ...request, receivedMs: Infinity, busyMsBefore: 0, mayWaitForClient: false };
      this.owed.set(id, asked);
      arrivals.push({ end, request: asked });
    }
    const bytes = Buffer.concat(frames);
    const cut = this.random.chance(0.2) ? this.random.below(bytes.length + 1) : bytes.length;
    const arrive = (from: number, to: number): void => {
      if (!this.isOpen) return;
      for (const { end: at, request } of arrivals) {
        if (at <= from || at > to) continue;
        request.receivedMs = this.time.clock();
        request.busyMsBefore = record.busyMs;
        request.mayWaitForClient ||= !socket.isRead;
      }
      socket.arrive(bytes.subarray(from, to));
    };
    if (cut > 0) this.#later(0, () => arrive(0, cut));
    if (cut < bytes.length) this.#later(this.random.between(0, 3), () => arrive(cut, bytes.length));
  }

  /** Shuts down its writing side; what it is owed still comes. */
  end(): void {
    this.#hasEnded = true;
    const socket = this.#socket;
    if (socket !== undefined) this.#later(0, () => socket.endOfClient());
  }

  /** Leaves its answers unread. */
  stopReading(): void {
    if (this.#socket !== undefined) this.#socket.isRead = false;
  }

  readOn(): void {
    const socket = this.#socket;
    if (this.#thread === undefined || socket === undefined || socket.isRead) return;
    for (const request of this.owed.values()) request.mayWaitForClient = true;
    this.time.after(0, this.#thread, () => {
      socket.catchUp();
    });
  }

  /** What the daemon writes, whether the client reads it now or later. */
  receive(bytes: Buffer, onAnswer: (request: AskedRequest, answer: Answer) => void): void {
    for (let offset = 0; offset < bytes.length;) {
      const length = bytes.readUInt32BE(offset);
      const message = unpackr.unpack(bytes.subarray(offset + 4, offset + 4 + length)) as Message;
      offset += 4 + length;
      if (message[0] === 2) {
        check(message[1] === 'goaway', `a notification ${message[1]}`);
        this.isSentAway = true;
        continue;
      }
      const [, id, error, result] = message;
      const request = this.owed.get(id);
      check(request !== undefined, `an answer to ${id}, which nobody asked or which has been answered`);
      this.owed.delete(id);
      onAnswer(request, { error, result });
    }
  }

  closed(): void {
    check(this.owed.size === 0, `a connection was closed that is owed ${this.owed.size} answers`);
    this.isOpen = false;
  }

  /** What a client sends comes in the order in which it was sent. */
  #later(delayMs: number, happen: () => void): void {
    const now = this.time.clock();
    this.#lastSentMs = Math.max(this.#lastSentMs, now + delayMs);
    if (this.#thread !== undefined) this.time.after(this.#lastSentMs - now, this.#thread, happen);
  }

  /** Its worker is gone, and with it the connection: nothing more is owed. */
  lose(): void {
    this.owed.clear();
    this.isOpen = false;
  }
}
