// What the connections of one worker share: the tables, the parking lot, the output, memory to read into, and room for
// what clients leave unfinished or unread.
import type { Clock } from '../clock.js';
import type { WireErrorCode } from '../protocol/messages.js';
import type { DecidingMark } from './deciding-mark.js';
import type { RequestFrame } from '../protocol/request-frame.js';
import type { OpenSocket } from './client-socket.js';
import type { LongPrompts } from './long-prompts.js';
import type { Output } from './output.js';
import type { Parked, ParkingLot } from './parking-lot.js';
import type { SharedRoom } from './shared-room.js';
import type { Slot, TableSlots } from './table-slots.js';
import type { WorkerFigures } from './worker-figures.js';

/** Of all connections of a worker together, for frames that are not whole yet. */
export const KEPT_BYTES_MAX = 64 * 1024 * 1024;

/** Of all connections of a worker together, answers that nobody has read. */
export const ALL_UNREAD_BYTES_MAX = 64 * 1024 * 1024;

/** Whose requests are parked. */
export interface WaitingClient {
  /** Answers requests that were parked, from the slot that they waited for. */
  answerParked(requests: readonly Parked<WaitingClient>[], slot: Slot): void;
  /** The time of these parked requests is over. */
  refuseParked(requests: readonly Parked<WaitingClient>[], code: WireErrorCode, message: string): void;
}

export interface ConnectionHost {
  readonly clock: Clock;
  readonly slots: TableSlots;
  readonly parkingLot: ParkingLot<WaitingClient>;
  readonly longPrompts: LongPrompts;
  readonly output: Output;
  readonly figures: WorkerFigures;
  readonly deciding: DecidingMark;
  /** What every request is read into. */
  readonly request: RequestFrame;
  /** What every connection reads into: each read is used up, or its rest copied, before the next. */
  readonly readBuffer: Buffer;
  readonly maxFrameBytes: number;
  /** The frame of the answer to `hello`, for any id to be put in. */
  readonly hello: Buffer;
  readonly reportDefect: (error: unknown) => void;
  readonly openSocket: OpenSocket;
  /** Memory that connections hold for frames that are not whole yet. */
  readonly keptRoom: SharedRoom;
  /** Memory that connections hold for answers that were not read. */
  readonly unreadRoom: SharedRoom;
}
