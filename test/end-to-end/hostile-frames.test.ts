// Bytes that are no frame, or no message: the daemon answers each with one bad_request, closes only where it can no
// longer tell where the next frame begins, and serves everyone else as if nothing had happened.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertBadRequest, assertGoodAnswer, goodParams, goodPayload } from '../support/hostile-fixture.js';
import { useHostileFixture } from '../support/hostile-fixture.js';
import { seededRandom } from '../support/random.js';
import { arrayOf, beginsLikeNotification, hex, mapOf } from '../support/wire-bytes.js';
import { nestedArrays, nestedMaps } from '../support/wire-bytes.js';
import { WireClient, frame, pack, requestFrame } from '../support/wire-client.js';
import { exchange, exchangePayloads, remainingAnswers, toAnswer } from '../support/wire-exchange.js';

const maxFrameBytes = 1_048_576;
const requestId = 77;

/** A resolve whose only parameter, or one beside the good ones, has the given bytes for a value. */
function requestWith(key: string, value: Uint8Array): Buffer {
  const params = mapOf(
    ...Object.entries(goodParams)
      .filter(([known]) => known !== key)
      .map(([known, good]) => [pack(known), pack(good)] as const),
    [pack(key), value],
  );
  return arrayOf(pack(0), pack(requestId), pack('resolve'), arrayOf(params));
}

/** A good request padded to exactly that many bytes with a long value of the given key. */
function paddedTo(bytes: number, key: string): Buffer {
  const withValue = (length: number): Buffer =>
    pack([0, requestId, 'resolve', [{ ...goodParams, [key]: 'hello'.padEnd(length, '.') }]]);
  const overhead = withValue(100_000).length - 100_000;
  const payload = withValue(bytes - overhead);
  assert.equal(payload.length, bytes);
  return payload;
}

describe('hostile frames', { timeout: 120_000 }, () => {
  const fixture = useHostileFixture();

  test('a length over the limit is refused at its header, and the connection is closed', async () => {
    for (const length of [maxFrameBytes + 1, 0x7fffffff, 0x80000000, 0xffffffff]) {
      const header = Buffer.alloc(4);
      header.writeUInt32BE(length);
      // The client neither sends another byte nor closes: the daemon must do both without being pushed.
      const client = await WireClient.connect(fixture.daemon.socketPath);
      client.send(Buffer.concat([frame(goodPayload), header]));
      const answers = await remainingAnswers(client);
      assert.equal(answers.length, 2, `length ${length}: ${JSON.stringify(answers)}`);
      assertGoodAnswer(answers.find(({ error }) => error === null));
      const refusal = answers.find(({ error }) => error !== null);
      assert.deepEqual([refusal?.id, refusal?.error?.code], [null, 'bad_request']);
      client.end();
      await client.closed;
    }
  });

  test('requests before an oversize frame are answered, also those that wait for their org', async () => {
    const newOrgs = Array.from(
      { length: 50 },
      (_, n) => `0190a000-0000-7000-8001-${String(n).padStart(12, '0')}`,
    );
    const frames = newOrgs.map((id, n) => requestFrame(n, 'resolve', { ...goodParams, org_id: id }));
    const answers = await exchange(fixture.daemon.socketPath, ...frames, hex('ffffffff'));
    assert.equal(answers.length, newOrgs.length + 1, `${answers.length} answers`);
    const ids = answers.filter(({ error }) => error === null).map(({ id }) => id);
    assert.deepEqual(new Set(ids), new Set(newOrgs.keys()));
  });

  test('a frame of exactly the largest size is served', async () => {
    for (const key of ['prompt', 'not_a_known_key']) {
      const payload = paddedTo(maxFrameBytes, key);
      const answers = await exchangePayloads(fixture.daemon.socketPath, payload, goodPayload);
      assert.equal(answers.length, 2, key);
      for (const { error } of answers) assert.equal(error, null, key);
    }
  });

  test('a frame without a payload is a bad request, and the connection goes on', async () => {
    await assertBadRequest(fixture.daemon.socketPath, Buffer.alloc(0), null);
  });

  test('a client that leaves in the middle of a frame still gets the answers to those before it', async () => {
    const good = frame(goodPayload);
    for (const cut of [1, 3, 4, 5, good.length - 1]) {
      const answers = await exchange(fixture.daemon.socketPath, good, good, good, good.subarray(0, cut));
      const refusals = answers.filter(({ error }) => error !== null);
      for (const answer of answers.filter(({ error }) => error === null)) assertGoodAnswer(answer);
      assert.equal(answers.length - refusals.length, 3, `cut after ${cut} bytes`);
      // Whether the daemon still says so on a connection that nobody writes to is left to it.
      assert.ok(refusals.length <= 1 && refusals.every(({ id }) => id === null), JSON.stringify(refusals));
    }
  });

  test('random payloads get one answer each, and the connection goes on', async (t) => {
    const random = seededRandom();
    t.diagnostic(`SIGNALBOX_TEST_SEED=${random.seed}`);
    // Half of the bytes are MessagePack's markers, which get further into a decoder than noise does.
    const markers = [
      ...hex('00 01 02 81 82 90 91 92 93 94 a0 a3 c0 c1 c2 c3 c4 c7 ca cb cc cf d3 d4 d9 dc dd de df'),
    ];
    const payloads = Array.from({ length: 5000 }, () => {
      const payload = random.bytes(random.below(100));
      for (let at = 0; at < payload.length; at++) {
        if (random.below(2) === 0) payload[at] = random.pick(markers);
      }
      return payload;
    }).filter((payload) => !beginsLikeNotification(payload));
    await assertOneAnswerEach(payloads);
  });

  test('mutations of valid requests get one answer each, and the connection goes on', async (t) => {
    const random = seededRandom();
    t.diagnostic(`SIGNALBOX_TEST_SEED=${random.seed}`);
    const valid = [
      goodPayload,
      pack([0, 1, 'hello', [{ client: 'a test', version: '1.0' }]]),
      pack([0, 2, 'resolve', [{ ...goodParams, force_route: 'any', estimated_cost_usd: 0.25, tag: null }]]),
      pack([
        0,
        3,
        'resolve',
        [{ has_images: true, content_type: 'json', later: [1, { a: 2 }], ...goodParams }],
      ]),
    ];
    const payloads = Array.from({ length: 8000 }, () => {
      let payload = Buffer.from(random.pick(valid));
      for (let mutations = 1 + random.below(3); mutations > 0; mutations--) {
        const at = random.below(payload.length);
        const kept = random.below(3);
        if (kept === 0) payload[at] = (payload[at] ?? 0) ^ (1 << random.below(8));
        else if (kept === 1) payload = Buffer.concat([payload.subarray(0, at), payload.subarray(at + 1)]);
        else payload = Buffer.concat([payload.subarray(0, at), random.bytes(1), payload.subarray(at)]);
      }
      return payload;
    }).filter((payload) => !beginsLikeNotification(payload));
    await assertOneAnswerEach(payloads);
  });

  /** In groups on a connection each; should one fail, the group is sent again one by one to name the payload. */
  async function assertOneAnswerEach(payloads: readonly Buffer[]): Promise<void> {
    for (let from = 0; from < payloads.length; from += 250) {
      const group = payloads.slice(from, from + 250);
      const answers = await exchangePayloads(fixture.daemon.socketPath, ...group);
      // "internal" would mean that a client's bytes set off something nobody thought of.
      const unexpected = answers.some(({ error }) => error?.code === 'internal');
      if (answers.length === group.length && !unexpected) continue;
      for (const payload of group) {
        const [answer, ...more] = await exchangePayloads(fixture.daemon.socketPath, payload);
        const label = `payload ${payload.toString('hex')}`;
        assert.ok(answer !== undefined && more.length === 0, `${label} did not get one answer`);
        assert.notEqual(answer.error?.code, 'internal', label);
      }
      assert.fail(`${answers.length} answers to ${group.length} payloads that do get one each alone`);
    }
  }

  test('ten thousand levels of nesting are a bad request wherever they are', async () => {
    for (const deep of [nestedArrays(10_000), nestedMaps(10_000)]) {
      const socketPath = fixture.daemon.socketPath;
      await assertBadRequest(socketPath, deep, null);
      await assertBadRequest(socketPath, arrayOf(pack(0), pack(requestId), pack('resolve'), deep), 'any');
      await assertBadRequest(
        socketPath,
        arrayOf(pack(0), pack(requestId), pack('resolve'), arrayOf(deep)),
        'any',
      );
      await assertBadRequest(socketPath, requestWith('not_a_known_key', deep), 'any');
      await assertBadRequest(socketPath, requestWith('model', deep), 'any');
      await assertBadRequest(socketPath, requestWith('prompt', deep), 'any');
    }
  });

  test('a value that declares more than the frame holds is a bad request', async () => {
    const lies = [
      'dc ffff',
      'dd ffffffff',
      'dd 7fffffff',
      'de ffff',
      'df ffffffff',
      'df 80000000',
      '9f',
      '8f',
    ];
    lies.push('d9 ff', 'da ffff', 'db ffffffff', 'db 7fffffff', 'bf', 'c4 ff', 'c5 ffff', 'c6 ffffffff');
    lies.push('c7 ff 01', 'c8 ffff 01', 'c9 ffffffff 01', 'd8 01', 'cb 00', 'cf 00', 'ce', 'd3');
    for (const lie of lies.map(hex)) {
      const socketPath = fixture.daemon.socketPath;
      await assertBadRequest(socketPath, lie, null);
      await assertBadRequest(
        socketPath,
        Buffer.concat([hex('94'), pack(0), pack(requestId), pack('resolve'), lie]),
        'any',
      );
      await assertBadRequest(
        socketPath,
        Buffer.concat([hex('94'), pack(0), pack(requestId), pack('resolve'), hex('91'), lie]),
        'any',
      );
      for (const key of ['model', 'prompt', 'org_id', 'not_a_known_key']) {
        await assertBadRequest(socketPath, requestWith(key, lie), 'any');
      }
    }
  });

  test('extension types and the never-used byte are a bad request, in unknown keys too', async () => {
    const values = ['c1', 'd4 01 00', 'd5 02 0000', 'd6 03 00000000', `d7 04 ${'00'.repeat(8)}`];
    values.push(`d8 05 ${'00'.repeat(16)}`, 'c7 01 06 00', 'c8 0001 07 00', 'c9 00000001 08 00', 'c7 00 09');
    // Timestamps, then what msgpackr alone gives a meaning: a record's definition, a regular expression, an error,
    // a set, a structured clone's reference, undefined.
    values.push('d6 ff 00000000', `d7 ff ${'00'.repeat(8)}`, `c7 0c ff ${'00'.repeat(12)}`);
    values.push('d4 72 40', 'd4 72 40 91 a1 61 01', 'd5 72 40 00', 'c7 05 78 92 a1 61 a1 67', 'd4 78 c0');
    values.push(
      'c7 01 65 c0',
      'c7 01 73 90',
      'd6 69 00000001',
      'd6 70 00000001',
      'd4 00 00',
      'c7 02 74 00 01',
    );
    for (const value of values.map(hex)) {
      const socketPath = fixture.daemon.socketPath;
      await assertBadRequest(socketPath, value, null);
      await assertBadRequest(socketPath, arrayOf(pack(0), value, pack('resolve'), arrayOf(pack({}))), null);
      for (const key of ['model', 'org_id', 'not_a_known_key']) {
        await assertBadRequest(socketPath, requestWith(key, value), 'any');
        await assertBadRequest(socketPath, requestWith(key, arrayOf(value)), 'any');
      }
    }
  });

  test('bytes left over behind the message are a bad request', async () => {
    for (const extra of [hex('c0'), hex('00'), hex('c1'), goodPayload]) {
      const payload = Buffer.concat([requestWith('tag', pack('x')), extra]);
      await assertBadRequest(fixture.daemon.socketPath, payload, 'any');
    }
  });

  test('a connection that was refused many times is served like any other', async () => {
    const client = await WireClient.connect(fixture.daemon.socketPath);
    for (let round = 0; round < 1000; round++) {
      client.send(Buffer.concat([frame(hex('c1')), frame(goodPayload)]));
      const pair = [toAnswer(await client.nextMessage()), toAnswer(await client.nextMessage())];
      assertGoodAnswer(pair.find(({ error }) => error === null));
      assert.equal(pair.find(({ error }) => error !== null)?.error?.code, 'bad_request');
    }
    client.end();
    assert.deepEqual(await remainingAnswers(client), []);
  });
});
