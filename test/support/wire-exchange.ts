// What the end-to-end tests do with a WireClient again and again: send some frames and collect everything that comes
// back, and keep well-behaved connections talking while others misbehave.
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { type Message, WireClient, frame } from './wire-client.js';

export interface Answer {
  readonly id: number | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly result: unknown;
}

const errorCodes = ['bad_request', 'unavailable', 'overloaded', 'draining', 'internal'];

/** Checks that a message is a well-formed response: an id or nil, and either an error or a result. */
export function toAnswer(message: Message | undefined): Answer {
  assert.ok(message !== undefined, 'the daemon closed the connection without an answer');
  assert.ok(message[0] === 1, `not a response: ${JSON.stringify(message)}`);
  // The types say so already, but not to the daemon.
  assert.equal(message.length, 4);
  const [, id, error, result] = message;
  if (id !== null)
    assert.ok(Number.isInteger(id) && id >= 0 && id < 2 ** 32, `the answer's id is ${String(id)}`);
  if (error === null) {
    assert.ok(result !== null && result !== undefined, 'an answer has an error or a result');
  } else {
    assert.deepEqual(Object.keys(error).sort(), ['code', 'message']);
    assert.ok(errorCodes.includes(error.code), `the error code ${error.code} is not documented`);
    assert.ok(typeof error.message === 'string' && error.message !== '', 'an error says what is wrong');
    assert.equal(result, null, 'an error has no result beside it');
  }
  return { id, error, result };
}

/** The result of an answer that must be there and must not be an error. */
export function resultOf(answer: Answer | undefined): Record<string, unknown> {
  assert.ok(answer !== undefined, 'an answer is missing');
  assert.equal(answer.error, null);
  return answer.result as Record<string, unknown>;
}

/** Everything that the daemon still sends on this connection, until it closes its side. */
export async function remainingAnswers(client: WireClient): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (;;) {
    const message = await client.nextMessage();
    if (message === undefined) return answers;
    answers.push(toAnswer(message));
  }
}

/** On a connection of its own: sends the bytes, shuts down the writing side, collects the answers up to the end. */
export async function exchange(socketPath: string, ...bytes: readonly Uint8Array[]): Promise<Answer[]> {
  const client = await WireClient.connect(socketPath);
  client.send(Buffer.concat(bytes));
  client.end();
  const answers = await remainingAnswers(client);
  client.destroy();
  return answers;
}

/** As `exchange`, for payloads rather than bytes. */
export async function exchangePayloads(
  socketPath: string,
  ...payloads: readonly Uint8Array[]
): Promise<Answer[]> {
  return exchange(socketPath, ...payloads.map((payload) => frame(payload)));
}

/**
 * Well-behaved connections, one per worker as the daemon balances them, that resolve the same request over and
 * over and compare every answer with the first.
 */
export class ControlConnections {
  readonly #clients: readonly WireClient[];
  readonly #rounds: number[] = [];
  readonly #loops: Promise<void>[];
  readonly #wakers = new Set<() => void>();
  #stopping = false;
  #failure: Error | undefined;

  private constructor(clients: readonly WireClient[], params: unknown, expected: unknown) {
    this.#clients = clients;
    this.#loops = clients.map((client, index) => this.#run(client, index, params, expected));
  }

  static async open(socketPath: string, count: number, params: unknown): Promise<ControlConnections> {
    const clients: WireClient[] = [];
    for (let opened = 0; opened < count; opened++) clients.push(await WireClient.connect(socketPath));
    const first = await clients[0]?.call('resolve', params);
    assert.equal(first?.error, null);
    return new ControlConnections(clients, params, first.result);
  }

  /** Waits until every connection had answers to requests sent after this call; fails if any answer was wrong. */
  async roundTrips(count = 1): Promise<void> {
    // The request in flight now was sent before the call, so one more answer than asked for is waited for.
    const goals = this.#rounds.map((rounds) => rounds + count + 1);
    while (this.#failure === undefined && goals.some((goal, index) => (this.#rounds[index] ?? 0) < goal)) {
      await new Promise<void>((resolve) => this.#wakers.add(resolve));
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Ends the connections; fails if any answer was wrong. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#loops);
    for (const client of this.#clients) client.destroy();
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #run(client: WireClient, index: number, params: unknown, expected: unknown): Promise<void> {
    this.#rounds[index] = 0;
    try {
      while (!this.#stopping) {
        assert.deepEqual(await client.call('resolve', params), { error: null, result: expected });
        this.#rounds[index] = (this.#rounds[index] ?? 0) + 1;
        this.#wake();
        await setImmediate();
      }
    } catch (error) {
      this.#failure ??= new Error(`control connection ${String(index)} was disturbed`, { cause: error });
      this.#wake();
    }
  }

  #wake(): void {
    for (const resolve of this.#wakers) resolve();
    this.#wakers.clear();
  }
}
