// What becomes of one client's requests, and the only hot path of the daemon: frame → request → slot → answer's bytes.
// Runs on a worker. A request whose org has no usable table is parked; since answers carry their request's id, it holds
// up nothing behind it. Before changing it, and after: `npm run bench -- socket/pipelined`.
import { errorFrame, refusalFrame } from '../protocol/answers.js';
import type { FrameReader } from '../protocol/frame-reader.js';
import type { WireErrorCode } from '../protocol/messages.js';
import { orgIdFromWords } from '../protocol/org-id.js';
import { readRequest } from '../protocol/read-request.js';
import { HELLO, IGNORED, REFUSED, RESOLVE, type RequestFrame } from '../protocol/request-frame.js';
import type { ConnectionHost, WaitingClient } from './connection-host.js';
import type { OrgAccess } from './org-access.js';
import { BATCH_BYTES, type Recipient } from './output.js';
import type { Parked } from './parking-lot.js';
import type { Slot } from './table-slots.js';

/** Half a kilobyte of a prompt that is searched for keywords takes as long as a usual request. */
const LONG_REQUEST_SHIFT = 9;

/** To say what is wrong with a request takes as long as so many that are right. */
const REFUSAL_COST = 8;

/** And that there is no room for it to wait, as long as these. */
const OVERLOAD_COST = 3;

/** Made once: whoever floods gets it a million times a second. */
const OVERLOADED = refusalFrame({
  code: 'overloaded',
  message: 'too many requests wait for the store; try again, or go on without a decision',
});

export class ClientRequests implements WaitingClient {
  readonly #host: ConnectionHost;
  readonly #client: Recipient;
  readonly #orgAccess: OrgAccess | undefined;
  readonly #onUnparked: () => void;
  #parked = 0;
  /** Of the request that is being taken. */
  #cost = 0;

  /**
   * @param orgAccess undefined: the client may ask for every org.
   * @param onUnparked called when requests that were parked have been answered.
   */
  constructor(
    host: ConnectionHost,
    client: Recipient,
    orgAccess: OrgAccess | undefined,
    onUnparked: () => void,
  ) {
    this.#host = host;
    this.#client = client;
    this.#orgAccess = orgAccess;
    this.#onUnparked = onUnparked;
  }

  /** How many wait for their org's table. */
  get parked(): number {
    return this.#parked;
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
    for (const { payload } of requests) {
      this.#parked -= 1;
      readRequest(payload, 0, payload.length, request);
      this.#answerFrom(slot, request, nowMs);
      if (output.length >= BATCH_BYTES) this.flush(nowMs);
    }
    this.#flushParked(requests);
  }

  refuseParked(requests: readonly Parked<WaitingClient>[], code: WireErrorCode, message: string): void {
    for (const { id } of requests) {
      this.#parked -= 1;
      this.refuse(id, code, message);
    }
    this.#flushParked(requests);
  }

  #flushParked(requests: readonly Parked<WaitingClient>[]): void {
    const { figures, output } = this.#host;
    // Each has waited for a time of its own.
    figures.takeUnmeasured();
    output.end(this.#client, 0, 0);
    output.flush();
    figures.parkedWritten(requests);
    this.#onUnparked();
  }

  #resolve(frames: FrameReader, request: RequestFrame, nowMs: number): void {
    if (this.#orgAccess !== undefined && !this.#orgAccess.includes(request.orgId)) {
      this.refuse(request.id, 'bad_request', 'this client may not ask for that org');
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
    if (!parkingLot.hasRoomFor(this, orgId, minRevision, end - start, isKnown)) {
      this.#refuseAtOnce(id, 'overloaded', OVERLOADED);
      this.#cost += OVERLOAD_COST;
      return;
    }
    const payload = Buffer.from(bytes.subarray(start, end));
    parkingLot.park({ owner: this, id: id ?? 0, orgId, minRevision, payload }, isKnown);
    this.#parked += 1;
  }

  /** To refuse must not take longer than to decide: those who are refused are many. */
  #refuseAtOnce(id: number | null, code: WireErrorCode, frame: Buffer): void {
    this.#host.output.addAnswer(id ?? 0, frame);
    this.#host.figures.refused(code);
  }

  #answerFrom(slot: Slot, { id, orgId, signals }: RequestFrame, nowMs: number): void {
    if (slot.kind === 'unavailable') {
      this.#refuseAtOnce(id, 'unavailable', slot.frame);
      return;
    }
    const { deciding } = this.#host;
    deciding.begin(orgId);
    try {
      const outcome = slot.select(signals);
      this.#host.output.addAnswer(id ?? 0, slot.answer(outcome));
      deciding.end();
      this.#host.figures.decided(slot, outcome, nowMs);
    } catch (error) {
      deciding.end();
      // A defect of ours must not take the worker's other connections with it.
      this.#host.reportDefect(error);
      this.refuse(id, 'internal', 'a defect of signalbox; it has been logged');
    }
  }
}

function isOlder(slot: Slot, minRevision: number): boolean {
  return slot.kind === 'table' && slot.revision < minRevision;
}
