// What becomes of one client's requests, and the only hot path of the daemon: frame → request → slot → answer's bytes.
// Runs on a worker. A request whose org has no usable table is parked; since answers carry their request's id, it holds
// up nothing behind it. Before changing it, and after: `npm run bench -- socket/pipelined`.
import { errorFrame, refusalFrame } from '../protocol/answers.js';
import type { FrameReader } from '../protocol/frame-reader.js';
import type { WireErrorCode } from '../protocol/messages.js';
import { orgIdFromWords } from '../protocol/org-id.js';
import { readRequest } from '../protocol/read-request.js';
import { HELLO, IGNORED, REFUSED, RESOLVE, type RequestFrame } from '../protocol/request-frame.js';
import { LONG_PROMPT_BYTES } from '../routing/keywords/prompt-search.js';
import type { ConnectionHost, WaitingClient } from './connection-host.js';
import { type LongPrompt, type LongPromptOwner, NO_ROOM } from './long-prompts.js';
import type { OrgAccess } from './org-access.js';
import { BATCH_BYTES, type Recipient } from './output.js';
import type { Parked } from './parking-lot.js';
import type { Slot, TableSlot } from './table-slots.js';

/** Half a kilobyte of a prompt that is searched for keywords takes as long as a usual request. */
const LONG_REQUEST_SHIFT = 9;

/** To say what is wrong with a request takes as long as so many that are right. */
const REFUSAL_COST = 8;

/** And that there is no room for it to wait, as long as these. */
const OVERLOAD_COST = 3;

/** Parked requests are answered together: hundreds with such a prompt each would keep the others waiting. */
const LONG_AMONG_PARKED_BYTES = 1024;

/** Made once: whoever floods gets it a million times a second. */
const OVERLOADED = refusalFrame({
  code: 'overloaded',
  message: 'too many requests wait for the store; try again, or go on without a decision',
});
const TOO_MANY_LONG = refusalFrame({
  code: 'overloaded',
  message: 'too many long prompts wait to be searched; try again, or go on without a decision',
});

export class ClientRequests implements WaitingClient, LongPromptOwner {
  readonly #host: ConnectionHost;
  readonly #client: Recipient;
  readonly #orgAccess: OrgAccess | undefined;
  readonly #onAnswered: () => void;
  #waiting = 0;
  /** Of the request that is being taken. */
  #cost = 0;

  /**
   * @param orgAccess undefined: the client may ask for every org.
   * @param onAnswered called when requests that waited have been answered.
   */
  constructor(
    host: ConnectionHost,
    client: Recipient,
    orgAccess: OrgAccess | undefined,
    onAnswered: () => void,
  ) {
    this.#host = host;
    this.#client = client;
    this.#orgAccess = orgAccess;
    this.#onAnswered = onAnswered;
  }

  /** How many wait, for their org's table or for their prompt to be searched. */
  get waiting(): number {
    return this.#waiting;
  }

  /** The client is gone. */
  leave(): void {
    this.#host.longPrompts.leave(this);
  }

  /**
   * Answers the request in the frame that was read last, or parks it. Returns how long that takes, at most and roughly, in
   * usual requests.
   */
  take(frames: FrameReader, nowMs: number): number {
    const { request, output } = this.#host;
    readRequest(frames.bytes, frames.start, frames.end, request);
    this.#cost = 1 + ((frames.end - frames.start) >>> LONG_REQUEST_SHIFT);
    switch (request.kind) {
      case RESOLVE:
        this.#resolve(frames, request, nowMs);
        break;
      case HELLO:
        output.addAnswer(request.id ?? 0, this.#host.hello);
        break;
      case REFUSED:
        this.refuse(request.id, 'bad_request', request.refusal);
        this.#cost += REFUSAL_COST;
        break;
      case IGNORED:
        break;
    }
    if (output.length >= BATCH_BYTES) this.flush(nowMs);
    return this.#cost;
  }

  /** Answers without deciding. @param id null: that of the request can't be read. */
  refuse(id: number | null, code: WireErrorCode, message: string): void {
    this.#host.output.addFrame(errorFrame(id, { code, message }));
    this.#host.figures.refused(code);
  }

  /** What was gathered are the answers to one read; they leave at the end of the turn. */
  endBatch(readAtMs: number): void {
    const { figures, output } = this.#host;
    output.end(this.#client, figures.takeUnmeasured(), readAtMs);
  }

  /** Sends what was gathered now. */
  flush(readAtMs: number): void {
    this.endBatch(readAtMs);
    this.#host.output.flush();
  }

  answerParked(requests: readonly Parked<WaitingClient>[], slot: Slot): void {
    const { request, output, clock } = this.#host;
    const nowMs = clock();
    const answered: Parked<WaitingClient>[] = [];
    for (const parked of requests) {
      this.#waiting -= 1;
      readRequest(parked.payload, 0, parked.payload.length, request);
      if (this.#answerFrom(slot, request, nowMs, LONG_AMONG_PARKED_BYTES, parked.parkedAtMs)) {
        answered.push(parked);
      }
      if (output.length >= BATCH_BYTES) this.#sendWaiting();
    }
    this.#flushParked(answered);
  }

  refuseParked(requests: readonly Parked<WaitingClient>[], code: WireErrorCode, message: string): void {
    for (const { id } of requests) {
      this.#waiting -= 1;
      this.refuse(id, code, message);
    }
    this.#flushParked(requests);
  }

  answerLong({ id, slot, arrivedAtMs }: LongPrompt, outcome: number): void {
    this.#addDecision(id, slot, outcome, this.#host.clock());
    this.#flushLong(arrivedAtMs);
  }

  failLong({ id, arrivedAtMs }: LongPrompt, error: unknown): void {
    this.#fail(id, error);
    this.#flushLong(arrivedAtMs);
  }

  #flushLong(arrivedAtMs: number): void {
    this.#waiting -= 1;
    this.#flushWaiting();
    this.#host.figures.longWritten(arrivedAtMs);
  }

  #flushParked(requests: readonly Parked<WaitingClient>[]): void {
    this.#flushWaiting();
    this.#host.figures.parkedWritten(requests);
  }

  #flushWaiting(): void {
    this.#sendWaiting();
    this.#onAnswered();
  }

  /** Sends answers to requests that have waited, each for a time of its own. */
  #sendWaiting(): void {
    const { figures, output } = this.#host;
    figures.takeUnmeasured();
    output.end(this.#client, 0, 0);
    output.flush();
  }

  #resolve(frames: FrameReader, request: RequestFrame, nowMs: number): void {
    if (this.#orgAccess !== undefined && !this.#orgAccess.includes(request.orgId)) {
      this.refuse(request.id, 'bad_request', 'this client may not ask for that org');
      this.#cost += REFUSAL_COST;
      return;
    }
    const slot = this.#host.slots.get(request.orgId, nowMs);
    // Who wants a revision that isn't here yet waits for one read of the store, whatever it then has.
    if (slot === undefined || isOlder(slot, request.minRevision)) this.#park(frames, request);
    else this.#answerFrom(slot, request, nowMs);
  }

  #park({ bytes, start, end }: FrameReader, { id, orgId: words, minRevision }: RequestFrame): void {
    const { parkingLot, slots } = this.#host;
    const isKnown = slots.isKnown(words);
    const orgId = orgIdFromWords(words);
    // Asked before anything is copied.
    if (!parkingLot.hasRoomFor(this, orgId, end - start, isKnown)) {
      this.#refuseAtOnce(id, 'overloaded', OVERLOADED);
      this.#cost += OVERLOAD_COST;
      return;
    }
    const payload = Buffer.from(bytes.subarray(start, end));
    parkingLot.park({ owner: this, id: id ?? 0, orgId, minRevision, payload }, isKnown);
    this.#waiting += 1;
  }

  /** To refuse must not take longer than to decide: those who are refused are many. */
  #refuseAtOnce(id: number | null, code: WireErrorCode, frame: Buffer): void {
    this.#host.output.addAnswer(id ?? 0, frame);
    this.#host.figures.refused(code);
  }

  /** Returns whether the request is answered, which it isn't yet where its prompt has to be searched first. */
  #answerFrom(
    slot: Slot,
    request: RequestFrame,
    nowMs: number,
    longBytes = LONG_PROMPT_BYTES,
    arrivedAtMs = nowMs,
  ): boolean {
    const { id, orgId, signals } = request;
    if (slot.kind === 'unavailable') {
      this.#refuseAtOnce(id, 'unavailable', slot.frame);
      return true;
    }
    const { deciding, longPrompts } = this.#host;
    deciding.begin(orgId);
    try {
      const isLong = signals.promptLength > longBytes;
      const outcome = isLong ? longPrompts.select(this, slot, request, arrivedAtMs) : slot.select(signals);
      if (outcome >= 0) this.#addDecision(id ?? 0, slot, outcome, nowMs);
      deciding.end();
      return outcome >= 0 || this.#isRefused(id, outcome);
    } catch (error) {
      deciding.end();
      this.#fail(id, error);
      return true;
    }
  }

  #addDecision(id: number, slot: TableSlot, outcome: number, nowMs: number): void {
    this.#host.output.addAnswer(id, slot.answer(outcome));
    this.#host.figures.decided(slot, outcome, nowMs);
  }

  /** A long prompt is searched, unless there is no room for it. */
  #isRefused(id: number | null, outcome: number): boolean {
    if (outcome !== NO_ROOM) {
      this.#waiting += 1;
      return false;
    }
    this.#refuseAtOnce(id, 'overloaded', TOO_MANY_LONG);
    this.#cost += OVERLOAD_COST;
    return true;
  }

  /** A defect of ours must not take the worker's other connections with it. */
  #fail(id: number | null, error: unknown): void {
    this.#host.reportDefect(error);
    this.refuse(id, 'internal', 'a defect of signalbox; it has been logged');
  }
}

function isOlder(slot: Slot, minRevision: number): boolean {
  return slot.kind === 'table' && slot.revision < minRevision;
}
