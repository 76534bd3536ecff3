// The wire protocol as a client in any language sees it: frames, ids, methods and encodings, byte for byte on a real
// socket of a real daemon. Nothing here shares code with src/.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { type DaemonProcess, startDaemonProcess } from '../support/daemon-process.js';
import { repositoryPath } from '../support/paths.js';
import { arrayOf, hex, mapOf } from '../support/wire-bytes.js';
import { WireClient, frame, pack, requestFrame } from '../support/wire-client.js';
import { type Answer, exchange, remainingAnswers, resultOf, toAnswer } from '../support/wire-exchange.js';

const org = (n: number): string => `0190a000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
const mainOrg = org(0xabc);
const crowd = Array.from({ length: 20 }, (_, n) => org(0x100 + n));

// JSON, being YAML, is a route file.
const routes = JSON.stringify({
  orgs: {
    [mainOrg]: [
      {
        name: 'cheap-short',
        when: { model_in: ['gpt-4o'], input_tokens_lt: 500 },
        then: { target_model: 'gpt-4o-mini' },
      },
      { name: 'uncached', when: { model_in: ['claude-opus'] }, then: { disable_cache: true } },
    ],
    ...Object.fromEntries(
      crowd.map((id, n) => [id, [{ name: `route-${n}`, then: { target_model: `model-${n}` } }]]),
    ),
  },
});
const text = (value: string): Buffer => pack(value);
const cheap = { org_id: mainOrg, model: 'gpt-4o', input_tokens: 100 };

describe('the wire protocol', { timeout: 120_000 }, () => {
  let daemon: DaemonProcess;
  before(async () => {
    // One worker, so that a round trip on any connection shows that it has read what was sent before on any other.
    daemon = await startDaemonProcess({ routes, args: ['--workers', '1'] });
  });
  after(() => daemon.stop());

  async function call(method: string, params: unknown): Promise<Answer> {
    const [answer, ...more] = await exchange(daemon.socketPath, requestFrame(7, method, params));
    assert.deepEqual(more, []);
    assert.equal(answer?.id, 7);
    return answer;
  }

  test('hello says who serves, which protocol it speaks and how large a frame may be', async () => {
    const { version } = JSON.parse(await readFile(repositoryPath('package.json'), 'utf8')) as {
      version: string;
    };
    const expected = { server: 'signalbox', version, protocol: 1, max_frame_bytes: 1_048_576 };
    assert.deepEqual(resultOf(await call('hello', {})), expected);
    assert.deepEqual(resultOf(await call('hello', { client: 'a test', version: '9.9' })), expected);
  });

  test('integers, texts and floats are read in every encoding MessagePack has for them', async () => {
    const expected = resultOf(await call('resolve', cheap));
    const integers = ['64', 'cc 64', 'cd 0064', 'ce 00000064', 'cf 0000000000000064'];
    integers.push('d0 64', 'd1 0064', 'd2 00000064', 'd3 0000000000000064');
    const costs = ['01', 'ca 3f800000', 'cb 3ff0000000000000'];
    const models = ['a6', 'd9 06', 'da 0006', 'db 00000006'];
    for (let n = 0; n < integers.length; n++) {
      const params = mapOf(
        [text('org_id'), text(mainOrg)],
        [
          hex('d9 05 6d6f64656c'),
          Buffer.concat([hex(models[n % models.length] ?? ''), Buffer.from('gpt-4o')]),
        ],
        [text('input_tokens'), hex(integers[n] ?? '')],
        [text('estimated_cost_usd'), hex(costs[n % costs.length] ?? '')],
      );
      const request = arrayOf(hex('00'), hex(integers[n] ?? ''), text('resolve'), arrayOf(params));
      assert.deepEqual(await exchange(daemon.socketPath, frame(request)), [
        { id: 100, error: null, result: expected },
      ]);
    }
  });

  test('ids are given back over the whole range of unsigned 32-bit integers', async () => {
    const ids = [0, 1, 127, 128, 255, 256, 65_535, 65_536, 2_147_483_647, 2_147_483_648, 4_294_967_295];
    const answers = await exchange(daemon.socketPath, ...ids.map((id) => requestFrame(id, 'resolve', cheap)));
    assert.deepEqual(
      answers.map(({ id }) => id).sort((a, b) => Number(a) - Number(b)),
      ids,
    );
    for (const answer of answers) assert.equal(resultOf(answer)['route'], 'cheap-short');
  });

  test('a method that is not served is a bad request with the id of its request', async () => {
    for (const method of ['explain', 'Resolve', 'resolve ', '', 'goaway', 'toString', '__proto__']) {
      assert.equal(
        (await call(method, cheap)).error?.code,
        'bad_request',
        `method ${JSON.stringify(method)}`,
      );
    }
  });

  test('a notification gets no answer', async () => {
    const notifications = ['resolve', 'hello', 'anything'].map((method) =>
      frame(pack([2, method, [{ ...cheap }]])),
    );
    const answers = await exchange(daemon.socketPath, ...notifications, requestFrame(9, 'resolve', cheap));
    assert.deepEqual(
      answers.map(({ id }) => id),
      [9],
    );
  });

  test('a thousand requests in one write are all answered, also for orgs not asked for before', async () => {
    const frames = Array.from({ length: 1000 }, (_, id) =>
      requestFrame(id, 'resolve', { org_id: crowd[(id * 7) % crowd.length], model: `m${id}` }),
    );
    for (const attempt of ['cold', 'warm']) {
      const answers = await exchange(daemon.socketPath, ...frames);
      const targets = new Map(answers.map((answer) => [answer.id, resultOf(answer)['target_model']]));
      assert.equal(answers.length, 1000, attempt);
      for (let id = 0; id < 1000; id++) {
        assert.equal(targets.get(id), `model-${(id * 7) % crowd.length}`, `${attempt}, request ${id}`);
      }
    }
  });

  test('a client that shuts down its writing side still gets every answer, then the end', async () => {
    const client = await WireClient.connect(daemon.socketPath);
    const frames = Array.from({ length: 100 }, (_, id) =>
      requestFrame(id, 'resolve', { ...cheap, org_id: org(0x1000 + id) }),
    );
    client.send(Buffer.concat(frames));
    client.end();
    const answers = await remainingAnswers(client);
    await client.closed;
    assert.deepEqual(
      new Set(answers.map(({ id }) => id)),
      new Set(Array.from({ length: 100 }, (_, id) => id)),
    );
    assert.equal(answers.length, 100);
    for (const answer of answers) assert.equal(resultOf(answer)['reason'], 'no_match');
  });

  test('a frame is answered wherever it is cut in two, and byte by byte', async () => {
    const client = await WireClient.connect(daemon.socketPath);
    const other = await WireClient.connect(daemon.socketPath);
    // Two, because the worker may write the first answer before it reads the other connection in the same turn.
    const untilRead = async (): Promise<void> => {
      for (let n = 0; n < 2; n++) assert.equal((await other.call('hello', {})).error, null);
    };
    const whole = requestFrame(1, 'resolve', cheap);
    const cut = requestFrame(2, 'resolve', { ...cheap, model: 'claude-opus' });
    for (let offset = 0; offset < cut.length; offset++) {
      client.send(Buffer.concat([whole, cut.subarray(0, offset)]));
      await untilRead();
      client.send(cut.subarray(offset));
      const answers = [toAnswer(await client.nextMessage()), toAnswer(await client.nextMessage())];
      const routeOf = (id: number): unknown => resultOf(answers.find((answer) => answer.id === id))['route'];
      assert.deepEqual([routeOf(1), routeOf(2)], ['cheap-short', 'uncached'], `cut at ${offset}`);
    }
    for (const byte of whole) {
      client.send(Uint8Array.of(byte));
      await untilRead();
    }
    const answer = toAnswer(await client.nextMessage());
    assert.deepEqual([answer.id, resultOf(answer)['route']], [1, 'cheap-short']);
    client.destroy();
    other.destroy();
  });
});
