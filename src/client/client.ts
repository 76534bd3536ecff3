// The library that a gateway imports, as `signalbox/client`. Asks the daemon on the same host which model a request
// should go to. On the way of a request it never throws and never waits longer than its deadline: when signalbox
// can't answer, the decision says so, and keeps the caller's model.
import { SignalboxError, messageOf } from '../errors.js';
import { DEFAULT_MAX_FRAME_BYTES, type Hello } from '../protocol/messages.js';
import { Call } from './call.js';
import { Channel } from './channel.js';
import { type ClientOptions, withDefaults } from './client-options.js';
import { type Decision, type FailOpenReason, failOpenDecision } from './decision.js';
import { type ResolveRequest, toParams } from './request.js';
import { decisionFromWire, helloFromWire } from './wire-answers.js';

export { type ChatRequestOptions, requestFromChatCompletion } from './chat-completion.js';
export type { ClientOptions } from './client-options.js';
export type { Decision, FailOpenReason } from './decision.js';
export type { ResolveRequest } from './request.js';
export { type TokenCosts, estimateTokensByBytes } from './token-estimate.js';
export { SignalboxError } from '../errors.js';

/** Nobody waits for a greeting. */
const HELLO_DEADLINE_MS = 1000;

export class SignalboxClient {
  readonly #deadlineMs: number;
  readonly #restartDeadlineMs: number;
  readonly #maxPending: number;
  readonly #channels: readonly Channel[];
  #turn = 0;
  #pending = 0;
  #maxFrameBytes = DEFAULT_MAX_FRAME_BYTES;
  #closed = false;

  /**
   * Connects at once; requests made before the connection is there wait for it within their deadline.
   *
   * @throws RangeError for an option that makes no sense.
   */
  constructor(options: ClientOptions) {
    const { socketPath: path, random, connections, ...limits } = withDefaults(options);
    this.#deadlineMs = limits.deadlineMs;
    this.#restartDeadlineMs = limits.restartDeadlineMs;
    this.#maxPending = limits.maxPending;
    const [deadlineMs, restartMs] = [limits.deadlineMs, limits.restartDeadlineMs];
    const newChannel = (): Channel => {
      // A daemon may be set to another limit than the usual one; until it says so, the usual one holds.
      const onConnect = (): void => {
        this.#greet(channel).catch(() => undefined);
      };
      const channel = new Channel({ path, random, deadlineMs, restartMs, onConnect });
      return channel;
    };
    this.#channels = Array.from({ length: connections }, newChannel);
    for (const channel of this.#channels) channel.connect();
  }

  /** Which model to dispatch to, and how. Never rejects: see `failOpen`. */
  async resolve(request: ResolveRequest): Promise<Decision> {
    try {
      const result = await this.call('resolve', toParams(request));
      return decisionFromWire(result, request.model);
    } catch (error) {
      return failOpenDecision(callerModel(request), reasonOf(error), safeMessage(error));
    }
  }

  /** What the daemon is. @throws SignalboxError if it doesn't answer, or not as the protocol says. */
  hello(): Promise<Hello> {
    return this.#greet(this.#nextChannel());
  }

  /**
   * Calls any method of the protocol, for tools; a gateway wants `resolve`.
   *
   * @returns the result, as on the wire.
   * @throws SignalboxError with the daemon's code, or `timeout`, `unreachable`, `overloaded`, `closed`.
   */
  call(
    method: string,
    params: Readonly<Record<string, unknown>>,
    deadlineMs = this.#deadlineMs,
  ): Promise<unknown> {
    return this.#callOn(this.#nextChannel(), method, params, deadlineMs);
  }

  async #greet(channel: Channel): Promise<Hello> {
    const params = { client: 'signalbox-node' };
    const hello = helloFromWire(await this.#callOn(channel, 'hello', params, HELLO_DEADLINE_MS));
    this.#maxFrameBytes = hello.max_frame_bytes;
    return hello;
  }

  #callOn(
    channel: Channel,
    method: string,
    params: Readonly<Record<string, unknown>>,
    deadlineMs: number,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw new SignalboxError('closed', 'the client was closed');
      if (this.#pending >= this.#maxPending) {
        throw new SignalboxError('overloaded', `${this.#pending} calls are pending already`);
      }
      const settle = (): void => {
        clearTimeout(timer as NodeJS.Timeout);
        clearImmediate(timer as NodeJS.Immediate);
        this.#pending -= 1;
      };
      const call = new Call(
        method,
        params,
        (result) => {
          settle();
          resolve(result);
        },
        (error) => {
          settle();
          reject(error);
        },
      );
      if (call.payloadBytes > this.#maxFrameBytes) {
        throw new SignalboxError('bad_request', `the request is longer than ${this.#maxFrameBytes} bytes`);
      }
      let timer: NodeJS.Timeout | NodeJS.Immediate;
      const waitFor = (ms: number): void => {
        // A loop that was busy comes to its timers before its sockets, where the answer may be.
        timer = setTimeout(() => {
          timer = setImmediate(expire);
        }, ms);
      };
      /** For how much longer than any other it may take; one restart upon another is not waited for. */
      const graceMs = (): number =>
        Math.min(channel.restartLeftMs, call.madeAtMs + this.#restartDeadlineMs - performance.now());
      const expire = (): void => {
        const leftMs = graceMs();
        if (leftMs > 0) return waitFor(leftMs);
        channel.forget(call);
        const waitedMs = Math.round(performance.now() - call.madeAtMs);
        call.fail(new SignalboxError('timeout', `no answer came within ${waitedMs} ms`));
      };
      waitFor(Math.max(deadlineMs, graceMs()));
      this.#pending += 1;
      channel.submit(call);
    });
  }

  /** Ends the connections. Decisions that are still awaited are fail-open. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const channel of this.#channels) channel.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #nextChannel(): Channel {
    this.#turn = (this.#turn + 1) % this.#channels.length;
    const channel = this.#channels[this.#turn];
    if (channel === undefined) throw new SignalboxError('internal', 'the client has no connections');
    return channel;
  }
}

/** A caller without type checks may pass anything, things that throw when they are looked at included. */
function callerModel(request: unknown): string {
  try {
    const { model } = request as { model?: unknown };
    return typeof model === 'string' ? model : '';
  } catch {
    return '';
  }
}

function safeMessage(error: unknown): string {
  try {
    return messageOf(error);
  } catch {
    return 'the request could not be read';
  }
}

const FAIL_OPEN_REASONS: ReadonlySet<string> = new Set<FailOpenReason>([
  'timeout',
  'unreachable',
  'unavailable',
  'overloaded',
  'draining',
  'bad_request',
  'internal',
  'closed',
]);

/** Whatever isn't told with a code was thrown by the request itself, when it was looked at. */
function reasonOf(error: unknown): FailOpenReason {
  const code = error instanceof SignalboxError ? error.code : 'bad_request';
  return FAIL_OPEN_REASONS.has(code) ? (code as FailOpenReason) : 'internal';
}
