// Frames through the real reading path of a worker, in process: a connection is given bytes in pieces of any size, and
// each of its answers is compared with what the description of the protocol says. An input is all that one client sends.
import type { CacheAnswer } from '../../src/control/cache/cache-answer.js';
import { KeptRoutes } from '../../src/control/cache/kept-routes.js';
import { Publisher } from '../../src/control/publisher.js';
import { NO_QUARANTINE } from '../../src/control/quarantine.js';
import { readRequest } from '../../src/protocol/read-request.js';
import { HELLO, IGNORED, REFUSED, RESOLVE, RequestFrame } from '../../src/protocol/request-frame.js';
import { inTableOrder } from '../../src/routing/route.js';
import type { StoredRoute } from '../../src/store/route-store.js';
import { ConnectionServer } from '../../src/worker/connection-server.js';
import {
  type FromWorker,
  type TableMessage,
  type ToWorkers,
  UNCLAIMED,
} from '../../src/worker/thread-messages.js';
import { Random } from '../support/random.js';
import { InstantSocket } from './instant-socket.js';
import { REVISION, fuzzRoutes } from './fuzz-routes.js';
import { type Session, type Target, expect } from './target.js';
import { MAX_FRAME_BYTES, answersOwed, assertAnswered, streamOf, withoutHeader } from './wire-answers.js';
import { WireGenerator } from './wire-generator.js';
import { ORG_COUNT, orgOf } from './wire-samples.js';
import type { Expected } from './wire-oracle.js';

export const frames: Target = {
  name: 'frames',
  unit: 'frames',
  isInProcess: true,
  inputs: 10_000_000,
  open: openFrames,
};

/** Far more turns of the loop than any connection takes its answers over. */
const TURNS_MAX = 1000;

async function openFrames(): Promise<Session> {
  const worker = new FuzzedWorker(await tableMessages());
  let generator: WireGenerator | undefined;
  return {
    generate: (random, corpus) => {
      generator ??= new WireGenerator(random, corpus.map(withoutHeader));
      return streamOf(random, generator);
    },
    run: (input) => worker.run(input),
    close: async () => undefined,
  };
}

/** What a worker is sent of each org, as the publisher makes it; the last is of an org that the store doesn't know. */
async function tableMessages(): Promise<readonly TableMessage[]> {
  const messages: TableMessage[] = [];
  const answer = async (orgId: string): Promise<CacheAnswer> => {
    const org = Number(orgId.slice(-12));
    const revision = org < ORG_COUNT ? REVISION : 0;
    const routes = new KeptRoutes({ orgId, revision, routes: storedRoutes(org) });
    const times = { refreshAtMs: Infinity, untilMs: Infinity, lastGoodUntilMs: Infinity };
    return { status: 'miss', routes, ...times, readBeganAtMs: 0, settledMs: Infinity };
  };
  const cache = { read: answer, readAtLeast: answer, refresh: answer };
  const take = (message: ToWorkers): void => {
    if (message.type === 'table') messages.push(message);
  };
  const publisher = new Publisher(cache, take, NO_QUARANTINE);
  for (let org = 0; org <= ORG_COUNT; org += 1) await publisher.need(orgOf(org));
  return messages;
}

function storedRoutes(org: number): StoredRoute[] {
  return inTableOrder(fuzzRoutes(org)).map((route) => ({ ...route, revision: REVISION }));
}

class FuzzedWorker {
  readonly #server: ConnectionServer;
  readonly #byOrg: ReadonlyMap<string, TableMessage>;
  readonly #unknown: TableMessage;
  readonly #needed: string[] = [];
  #socket: InstantSocket | undefined;
  /** It stands still while a client is served: nothing that is parked may go for lack of time. */
  #nowMs = 1000;

  constructor(messages: readonly TableMessage[]) {
    this.#byOrg = new Map(messages.slice(0, ORG_COUNT).map((message) => [message.orgId, message]));
    const unknown = messages[ORG_COUNT];
    if (unknown === undefined) throw new Error('a table is missing');
    this.#unknown = unknown;
    const settings = { resolveTimeoutMs: 50, maxFrameBytes: MAX_FRAME_BYTES, grantedOrgs: new Map() };
    this.#server = new ConnectionServer(
      { channel: '', version: '0', ...settings },
      () => this.#nowMs,
      (message) => {
        this.#hear(message);
      },
      (_, readBuffer, onRead) => (this.#socket = new InstantSocket(readBuffer, onRead)),
    );
    for (const message of this.#byOrg.values()) this.#server.receive(message);
  }

  /** All that one client sends, with the end behind it. Returns the number of frames. */
  async run(input: Buffer): Promise<number> {
    const { owed, frameCount } = answersOwed(input, assertReadWithin);
    // What is bounded by the second, such as the orgs that are asked for, is not what this is about.
    this.#nowMs += 1000;
    void this.#server.serve({ fd: 0, claim: new Int32Array(new SharedArrayBuffer(4)).fill(UNCLAIMED) });
    const socket = this.#socket;
    if (socket === undefined) throw new Error('no socket was opened');
    for (const piece of piecesOf(input)) socket.arrive(piece);
    socket.endOfClient();
    for (let turns = 0; !socket.destroyed; turns += 1) {
      const needed = this.#needed.splice(0);
      for (const orgId of needed) this.#supply(orgId);
      if (needed.length > 0) continue;
      expect(
        turns < TURNS_MAX,
        () => `the connection is not closed; it has answered ${socket.written.length} bytes`,
      );
      await new Promise((resolve) => setImmediate(resolve));
    }
    assertAnswered(owed, socket.written);
    return frameCount;
  }

  #hear(message: FromWorker): void {
    if (message.type === 'need') this.#needed.push(message.orgId);
    expect(message.type !== 'defect', () => `a defect: ${JSON.stringify(message)}`);
  }

  #supply(orgId: string): void {
    const known = this.#byOrg.get(orgId);
    this.#server.receive(known ?? { ...this.#unknown, orgId });
    // Those that nobody knows must not fill the memory of a long run.
    if (known === undefined) this.#server.receive({ type: 'drop', orgId });
  }
}

const KINDS = { resolve: RESOLVE, hello: HELLO, notification: IGNORED, refused: REFUSED } as const;

const requestFrame = new RequestFrame();

/** Read where memory ends right behind it, a payload is what it is elsewhere: nobody reads beyond. */
function assertReadWithin(payload: Buffer, expected: Expected): void {
  const alone = Buffer.from(new Uint8Array(payload).buffer);
  readRequest(alone, 0, alone.length, requestFrame);
  const { kind, id } = requestFrame;
  const isRight = kind === KINDS[expected.kind] && (expected.kind === 'notification' || id === expected.id);
  expect(isRight, () => `read as ${kind} ${id}, and it is ${expected.kind}: ${payload.toString('hex')}`);
}

/** The same cuts for the same bytes. */
function* piecesOf(input: Buffer): Iterable<Buffer> {
  let sum = input.length;
  for (let index = 0; index < input.length; index += 7) sum = (Math.imul(sum, 31) + (input[index] ?? 0)) | 0;
  const random = new Random(sum);
  const longest = random.pick([input.length, input.length, 1000, 100, 7]);
  for (let at = 0; at < input.length;) {
    const length = 1 + random.below(longest);
    yield input.subarray(at, at + length);
    at += length;
  }
}
