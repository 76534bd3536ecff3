// The client library against a real daemon on a real socket: what a gateway sees when all is well, and that it is
// never thrown at, nor kept waiting, when nothing is.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type Server, type Socket, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Decision,
  type ResolveRequest,
  SignalboxClient,
  SignalboxError,
} from '../../src/client/client.js';
import { ANSWER_ID_OFFSET, goawayFrame, resultFrame } from '../../src/protocol/answers.js';
import { encode } from '../../src/protocol/encode.js';
import { FrameReader } from '../../src/protocol/frame-reader.js';
import { startLocalDaemon } from '../support/local-daemon.js';
import { org, route } from '../support/routes.js';
import { ScriptedStore } from '../support/scripted-store.js';
import { waitFor } from '../support/wait-for.js';

const ORG = org(1);
const REQUEST: ResolveRequest = { orgId: ORG, model: 'gpt-4o' };

/** Nothing here is about how fast the machine is. */
const PATIENT_MS = 20_000;

function storeWith(name: string): ScriptedStore {
  const store = new ScriptedStore();
  store.setRoutes(ORG, [route(name)]);
  return store;
}

const HELLO = { server: 'signalbox', version: '1', protocol: 1, max_frame_bytes: 1024 * 1024 };
const WIRE_DECISION = {
  ...{ route_id: null, route: null, target_model: null, fallbacks: ['a'], disable_cache: false },
  ...{ max_cost_usd: null, effects: {}, paused: false, reason: 'no_match', revision: 1, stale: false },
};

/** A server that does with connections what the test says, at a socket path of its own. */
async function startServer(onConnection: (socket: Socket) => void): Promise<{
  readonly server: Server;
  readonly socketPath: string;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  const socketPath = join(directory, 'gateway.sock');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return {
    server,
    socketPath,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** One that answers each method with the result that the test gives for it, whatever that is. */
function startAnswering(results: Readonly<Record<string, unknown>>): ReturnType<typeof startServer> {
  return startServer((socket) => {
    const frames = new FrameReader(1024 * 1024);
    socket.on('data', (chunk) => {
      frames.push(chunk);
      while (frames.next() === 'frame') {
        const request = frames.bytes.subarray(frames.start, frames.end);
        const [, result] = Object.entries(results).find(([method]) => request.includes(method)) ?? [];
        const answer = resultFrame(encode(result));
        // [0, the id in five bytes, …
        answer.writeUInt32BE(request.readUInt32BE(3), ANSWER_ID_OFFSET);
        socket.write(answer);
      }
      frames.keep();
    });
  });
}

function assertFailOpen(decision: Decision, reason: Decision['reason'], model = 'gpt-4o'): void {
  assert.deepEqual(
    { ...decision, message: typeof decision.message },
    {
      failOpen: true,
      model,
      targetModel: null,
      routeId: null,
      route: null,
      fallbacks: [],
      disableCache: false,
      maxCostUsd: null,
      effects: {},
      paused: false,
      reason,
      message: 'string',
      revision: 0,
      stale: false,
    },
  );
}

describe('a client of a daemon that is well', { timeout: 60_000 }, () => {
  it('gets decisions, with the model to dispatch to', async () => {
    await using local = await startLocalDaemon(storeWith('a'));
    await using client = new SignalboxClient({ socketPath: local.socketPath, deadlineMs: PATIENT_MS });
    const matched = await client.resolve(REQUEST);
    assert.equal(matched.failOpen, false);
    assert.deepEqual([matched.route, matched.model, matched.targetModel], ['a', 'target-a', 'target-a']);
    const unmatched = await client.resolve({ ...REQUEST, orgId: org(2) });
    assert.deepEqual([unmatched.failOpen, unmatched.model, unmatched.targetModel], [false, 'gpt-4o', null]);
    assert.equal(unmatched.reason, 'no_match');
  });

  it('gets the right decision for each of thousands that are under way at once, on several connections', async () => {
    const store = new ScriptedStore();
    const models = Array.from({ length: 100 }, (_, index) => `model-${index}`);
    store.setRoutes(
      ORG,
      models.map((model) => route(model, { when: { model_in: [model] } })),
    );
    await using local = await startLocalDaemon(store);
    await using client = new SignalboxClient({ ...local, deadlineMs: PATIENT_MS, connections: 3 });
    const decisions = await Promise.all(
      Array.from({ length: 5000 }, (_, index) =>
        client.resolve({ orgId: ORG, model: models[index % models.length] ?? '' }),
      ),
    );
    for (const [index, decision] of decisions.entries()) {
      assert.equal(decision.model, `target-${models[index % models.length]}`);
    }
  });

  it('sends half of a surrogate pair in a form that the daemon takes', async () => {
    const store = new ScriptedStore();
    store.setRoutes(ORG, [route('emoji', { when: { prompt_contains_any_of: ['cut'] } })]);
    await using local = await startLocalDaemon(store);
    await using client = new SignalboxClient({ ...local, deadlineMs: PATIENT_MS });
    const decision = await client.resolve({ ...REQUEST, prompt: 'cut \ud83d' });
    assert.equal(decision.route, 'emoji');
  });

  it('asks for routes of at least a revision, however high that is', async () => {
    const store = storeWith('cheap');
    await using local = await startLocalDaemon(store);
    await using client = new SignalboxClient({ socketPath: local.socketPath, deadlineMs: PATIENT_MS });
    assert.equal((await client.resolve(REQUEST)).route, 'cheap');
    for (const minRevision of [0, 1, 2 ** 32 - 1, 2 ** 32, Date.now(), Number.MAX_SAFE_INTEGER]) {
      const loads = store.loadsOf(ORG);
      const { failOpen, message, route: name } = await client.resolve({ ...REQUEST, minRevision });
      assert.deepEqual([failOpen, message, name], [false, null, 'cheap'], String(minRevision));
      assert.equal(store.loadsOf(ORG) > loads, minRevision > 1);
    }
  });

  it('says hello, and knows the longest request from it', async () => {
    await using local = await startLocalDaemon(storeWith('a'), { maxFrameBytes: 4096 });
    await using client = new SignalboxClient({ ...local, deadlineMs: PATIENT_MS });
    const hello = await client.hello();
    assert.deepEqual(hello, {
      server: 'signalbox',
      version: '0.0.0-test',
      protocol: 1,
      max_frame_bytes: 4096,
    });
    const decision = await client.resolve({ ...REQUEST, prompt: 'x'.repeat(5000) });
    assertFailOpen(decision, 'bad_request');
    // The request was not sent, so the connection goes on.
    assert.equal((await client.resolve(REQUEST)).failOpen, false);
  });

  it('tells a tool what was wrong with its call', async () => {
    await using local = await startLocalDaemon(storeWith('a'));
    await using client = new SignalboxClient({ ...local, deadlineMs: PATIENT_MS });
    await assert.rejects(client.call('explain', {}), (error) => {
      assert.ok(error instanceof SignalboxError);
      assert.equal(error.code, 'bad_request');
      return true;
    });
  });
});

describe('a client that gets no answer', { timeout: 60_000 }, () => {
  it('fails open when no daemon is there', async () => {
    const client = new SignalboxClient({ socketPath: '/nonexistent/signalbox.sock', deadlineMs: 5 });
    for (let turn = 0; turn < 20; turn += 1) {
      const decision = await client.resolve(REQUEST);
      assert.ok(decision.failOpen && ['timeout', 'unreachable'].includes(decision.reason));
    }
    await client.close();
  });

  it('does not wait for its deadline while the daemon is known to be down', async () => {
    const client = new SignalboxClient({ socketPath: '/nonexistent/signalbox.sock', deadlineMs: 3600_000 });
    // The first attempts may be waited for; once three have failed, nothing is.
    await waitFor(async () => {
      const soon = new Promise<undefined>((resolve) => {
        setImmediate(resolve, undefined);
      });
      const decision = await Promise.race([client.resolve(REQUEST), soon]);
      return decision?.reason === 'unreachable';
    }, 'a decision at once');
    await client.close();
  });

  it('fails open at its deadline when the daemon hangs', async () => {
    await using silent = await startServer(() => undefined);
    await using client = new SignalboxClient({ socketPath: silent.socketPath, deadlineMs: 10 });
    assertFailOpen(await client.resolve(REQUEST), 'timeout');
  });

  it('fails open when the daemon says that it has no routes', async () => {
    const store = storeWith('a');
    store.failure = new Error('gone');
    await using local = await startLocalDaemon(store);
    await using client = new SignalboxClient({ ...local, deadlineMs: PATIENT_MS });
    assertFailOpen(await client.resolve(REQUEST), 'unavailable');
  });

  it('fails open for requests that are no requests, whatever they are', async () => {
    await using local = await startLocalDaemon(storeWith('a'));
    await using client = new SignalboxClient({ ...local, deadlineMs: PATIENT_MS });
    const cyclic: Record<string, unknown> = { orgId: ORG, model: 'm' };
    cyclic['tag'] = cyclic;
    const wrong: unknown[] = [
      undefined,
      null,
      7,
      'text',
      {},
      { orgId: 'no uuid', model: 'm' },
      { orgId: ORG },
      { orgId: ORG, model: 'm', inputTokens: -1 },
      { orgId: ORG, model: 'm', inputTokens: 1n << 80n },
      { orgId: ORG, model: 'm', estimatedCostUsd: NaN },
      { orgId: ORG, model: 'm', tag: Symbol('x') },
      cyclic,
      {
        orgId: ORG,
        get model(): string {
          throw new Error('no model');
        },
      },
    ];
    for (const request of wrong) {
      const decision = await client.resolve(request as ResolveRequest);
      assertFailOpen(decision, 'bad_request', decision.model);
    }
    assert.equal((await client.resolve(REQUEST)).failOpen, false);
  });

  it('fails open beyond the number of decisions that may be awaited', async () => {
    await using silent = await startServer(() => undefined);
    await using client = new SignalboxClient({ ...silent, deadlineMs: PATIENT_MS, maxPending: 10 });
    const waiting = Array.from({ length: 10 }, () => client.resolve(REQUEST));
    assertFailOpen(await client.resolve(REQUEST), 'overloaded');
    await client.close();
    for (const decision of await Promise.all(waiting)) assertFailOpen(decision, 'closed');
  });

  it('fails open after it was closed, and is closed twice without complaint', async () => {
    await using local = await startLocalDaemon(storeWith('a'));
    const client = new SignalboxClient({ ...local, deadlineMs: PATIENT_MS });
    await client.close();
    await client.close();
    assertFailOpen(await client.resolve(REQUEST), 'closed');
  });

  it('holds no more than a bound of what waits for a daemon that is restarted', async () => {
    await using leaving = await startServer((socket) => {
      // One that goes for good: whoever connects again finds nobody.
      socket.once('data', () => {
        leaving.server.close();
        socket.write(goawayFrame());
      });
    });
    const { socketPath } = leaving;
    await using client = new SignalboxClient({ socketPath, restartDeadlineMs: PATIENT_MS });
    await waitFor(() => !leaving.server.listening, 'the daemon to leave');
    await waitFor(async () => {
      const { reason } = await Promise.race([client.resolve(REQUEST), sleep(100, { reason: 'waits' })]);
      return reason === 'waits';
    }, 'the goaway to be heard');
    const prompt = 'x'.repeat(1024 * 1024 - 1000);
    const decisions = Array.from({ length: 100 }, () => client.resolve({ ...REQUEST, prompt }));
    assertFailOpen(await Promise.race(decisions), 'overloaded');
    await client.close();
    const reasons = (await Promise.all(decisions)).map(({ reason }) => reason);
    const held = reasons.filter((reason) => reason === 'closed').length;
    assert.ok(held >= 60 && held <= 64, `${held} were held`);
  });

  it('greets on each connection that it makes again', async () => {
    const connections: Socket[] = [];
    const greeted = new Set<Socket>();
    await using server = await startServer((socket) => {
      connections.push(socket);
      socket.once('data', (greeting) => {
        greeted.add(socket);
        // [1, the id that it came with, nil, {}]: a greeting that is answered isn't made again.
        const id = greeting.subarray(6, 11);
        socket.write(Buffer.concat([Buffer.from('000000099401', 'hex'), id, Buffer.from('c080', 'hex')]));
      });
    });
    await using client = new SignalboxClient({ socketPath: server.socketPath, connections: 2 });
    for (const expected of [2, 3, 4]) {
      await waitFor(() => greeted.size === expected, `${expected} connections to say something`);
      connections.shift()?.destroy();
    }
    await client.close();
  });

  it('refuses options that would be no limits', () => {
    for (const options of [
      { deadlineMs: Infinity },
      { deadlineMs: NaN },
      { deadlineMs: -1 },
      { deadlineMs: 2 ** 31 },
      { restartDeadlineMs: Infinity },
      { connections: 0 },
      { connections: 1.5 },
      { maxPending: NaN },
      { maxPending: 0 },
    ]) {
      const [name = ''] = Object.keys(options);
      const message = new RegExp(`^${name} must be`);
      assert.throws(() => new SignalboxClient({ socketPath: '/none', ...options }), {
        name: 'RangeError',
        message,
      });
    }
  });

  it('gives up on a request whose connection ends each time it is sent', async () => {
    let connections = 0;
    await using rude = await startServer((socket) => {
      connections += 1;
      socket.once('data', () => socket.destroy());
    });
    await using client = new SignalboxClient({ socketPath: rude.socketPath, deadlineMs: PATIENT_MS });
    assertFailOpen(await client.resolve(REQUEST), 'unreachable');
    assert.ok(connections <= 4, `${connections} connections`);
  });

  it('does not blame the request for an answer that is no decision', async () => {
    const results: Record<string, unknown> = { hello: HELLO, resolve: WIRE_DECISION };
    await using server = await startAnswering(results);
    await using client = new SignalboxClient({ socketPath: server.socketPath, deadlineMs: PATIENT_MS });
    assert.equal((await client.resolve(REQUEST)).failOpen, false);
    const { stale: _stale, ...withoutStale } = WIRE_DECISION;
    const wrong = [
      ...[null, true, 7, 'text', [], {}, withoutStale],
      ...Object.keys(WIRE_DECISION).map((key) => ({ ...WIRE_DECISION, [key]: key === 'effects' ? [] : {} })),
      { ...WIRE_DECISION, fallbacks: ['a', 7] },
      { ...WIRE_DECISION, fallbacks: null },
    ];
    for (const result of wrong) {
      results['resolve'] = result;
      assertFailOpen(await client.resolve(REQUEST), 'internal');
    }
    results['resolve'] = { ...WIRE_DECISION, reason: 'of a newer daemon', more: 1 };
    assert.equal((await client.resolve(REQUEST)).failOpen, false);
  });

  it('does not blame the request for an error that is none', async () => {
    await using server = await startServer((socket) => {
      socket.on('data', (chunk) => {
        // [1, the id of the request that came last, "no", nil]
        const id = chunk.subarray(chunk.lastIndexOf(Uint8Array.of(0x94, 0x00, 0xce)) + 2).subarray(0, 5);
        socket.write(Buffer.concat([Buffer.from('0000000b9401', 'hex'), id, Buffer.from('a26e6fc0', 'hex')]));
      });
    });
    await using client = new SignalboxClient({ socketPath: server.socketPath, deadlineMs: PATIENT_MS });
    assertFailOpen(await client.resolve(REQUEST), 'internal');
  });

  it('takes no limit of the length of requests from a greeting that has none', async () => {
    for (const max of [undefined, null, 0, -1, 'none']) {
      await using server = await startAnswering({
        hello: { ...HELLO, max_frame_bytes: max },
        resolve: WIRE_DECISION,
      });
      await using client = new SignalboxClient({ socketPath: server.socketPath, deadlineMs: PATIENT_MS });
      await assert.rejects(client.hello(), { code: 'internal' });
      assert.equal((await client.resolve(REQUEST)).failOpen, false);
      assertFailOpen(await client.resolve({ ...REQUEST, prompt: 'x'.repeat(1024 * 1024) }), 'bad_request');
    }
  });

  it('survives a server that speaks something else', async () => {
    await using other = await startServer((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await using client = new SignalboxClient({ socketPath: other.socketPath, deadlineMs: 100 });
    const decision = await client.resolve(REQUEST);
    assert.equal(decision.failOpen, true);
  });
});

describe('a client whose connection ends', { timeout: 60_000 }, () => {
  it('sends what was not answered again, and loses nothing when a worker dies', async () => {
    await using local = await startLocalDaemon(storeWith('a'));
    await using client = new SignalboxClient({ ...local, deadlineMs: PATIENT_MS, connections: 4 });
    let isDone = false;
    let decided = 0;
    const traffic = Array.from({ length: 50 }, async () => {
      while (!isDone) {
        const decision = await client.resolve(REQUEST);
        assert.equal(decision.failOpen, false, decision.message ?? '');
        decided += 1;
      }
    });
    for (let round = 1; round <= 3; round += 1) {
      const before = decided;
      await waitFor(() => decided > before + 1000, 'traffic');
      await local.daemon.workers[0]?.terminate();
      await waitFor(() => local.daemon.workers.length === 2, 'the pool to be whole');
    }
    isDone = true;
    await Promise.all(traffic);
  });

  it('waits for a daemon that is restarted, for longer than for any other', async () => {
    const first = await startLocalDaemon(storeWith('first'));
    const { socketPath } = first;
    const restartDeadlineMs = PATIENT_MS;
    await using client = new SignalboxClient({ socketPath, deadlineMs: 1, restartDeadlineMs });
    await client.hello();
    await first.daemon.close();
    const decisions = Promise.all(Array.from({ length: 100 }, () => client.resolve(REQUEST)));
    await using second = await startLocalDaemon(storeWith('second'), { socketPath });
    assert.equal(second.socketPath, socketPath);
    assert.deepEqual([...new Set((await decisions).map(({ route: name }) => name))], ['second']);
    await first[Symbol.asyncDispose]();
  });

  it('does not wait longer for one that says goaway again and again', async () => {
    let connections = 0;
    await using restless = await startServer((socket) => {
      connections += 1;
      // Whoever says something is told to leave, and not answered.
      socket.once('data', () => socket.write(goawayFrame()));
    });
    const restartDeadlineMs = 200;
    await using client = new SignalboxClient({ ...restless, deadlineMs: 1, restartDeadlineMs });
    await waitFor(() => connections > 1, 'the first goaway');
    assertFailOpen(await client.resolve(REQUEST), 'timeout');
  });

  it('does not wait for one that does not come back, or if it is told not to', async () => {
    for (const restartDeadlineMs of [0, 30]) {
      await using local = await startLocalDaemon(storeWith('first'));
      await using client = new SignalboxClient({ socketPath: local.socketPath, restartDeadlineMs });
      await client.hello();
      await local.daemon.close();
      const { failOpen, reason } = await client.resolve(REQUEST);
      assert.equal(failOpen, true);
      assert.match(reason, /^(timeout|unreachable)$/);
    }
  });

  it('goes elsewhere when it is asked to, and loses nothing', async () => {
    const store = storeWith('a');
    const first = await startLocalDaemon(store);
    await using client = new SignalboxClient({ socketPath: first.socketPath, deadlineMs: PATIENT_MS });
    assert.equal((await client.resolve(REQUEST)).route, 'a');
    // What waits for the store is in flight on the old connection when the daemon asks everybody to leave.
    const release = store.hold();
    const inFlight = Array.from({ length: 20 }, () => client.resolve({ ...REQUEST, orgId: org(2) }));
    await waitFor(() => store.loadsOf(org(2)) === 1, 'the requests to wait');
    const closed = first.daemon.close();
    await first.logged('drain.begin');
    release();
    for (const decision of await Promise.all(inFlight)) assert.equal(decision.failOpen, false);
    await closed;
    assert.equal(first.daemon.state, 'stopped');

    await using second = await startLocalDaemon(storeWith('b'), { socketPath: first.socketPath });
    await waitFor(async () => (await client.resolve(REQUEST)).route === 'b', 'the new daemon to be found');
    assert.equal(second.daemon.state, 'ready');
  });
});
