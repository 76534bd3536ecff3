// The wire protocol, version 1: MessagePack-RPC messages, each in a frame with its length in front.
// https://github.com/msgpack-rpc/msgpack-rpc/blob/master/spec.md

export const PROTOCOL_VERSION = 1;

/** First element of a message. */
export const REQUEST = 0;
export const RESPONSE = 1;
export const NOTIFICATION = 2;

/** A frame is its payload's length, an unsigned 32-bit big-endian integer, then the payload. */
export const FRAME_HEADER_BYTES = 4;

/** A prompt of a megabyte is longer than most models read. */
export const DEFAULT_MAX_FRAME_BYTES = 1024 * 1024;

export type WireErrorCode = 'bad_request' | 'unavailable' | 'overloaded' | 'draining' | 'internal';

export interface WireError {
  readonly code: WireErrorCode;
  readonly message: string;
}

/** What `hello` answers. */
export interface Hello {
  readonly server: 'signalbox';
  readonly version: string;
  readonly protocol: typeof PROTOCOL_VERSION;
  readonly max_frame_bytes: number;
}
