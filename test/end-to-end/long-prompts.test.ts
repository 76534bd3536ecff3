// Prompts of a megabyte, and an org with thousands of keywords to look for in them: what they are decided, and that
// nothing waits for it that comes behind them. Seen through a real daemon's socket; nothing here shares code with src/.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type DaemonProcess, startDaemonProcess } from '../support/daemon-process.js';
import { WireClient, requestFrame } from '../support/wire-client.js';
import { exchange, resultOf, toAnswer } from '../support/wire-exchange.js';

const org = '0190a000-0000-7000-8000-000000000abc';
const longPrompt = 'the quick brown fox jumps over the lazy dog, '.repeat(22_000);

const routes = JSON.stringify({
  orgs: {
    [org]: [
      ...Array.from({ length: 400 }, (_, route) => ({
        name: `secret-${route}`,
        when: {
          prompt_contains_any_of: Array.from(
            { length: 10 },
            (_, n) => `the quick brown fox ${route * 10 + n};`,
          ),
        },
        then: { target_model: `in-house-${route}` },
      })),
      { name: 'rest', when: { model_in: ['m'] }, then: { target_model: 'anywhere' } },
    ],
  },
});

const asking = (id: number, prompt?: string): Buffer =>
  requestFrame(id, 'resolve', { org_id: org, model: 'm', ...(prompt === undefined ? {} : { prompt }) });

describe('a prompt of a megabyte, and thousands of keywords', () => {
  let daemon: DaemonProcess;

  before(async () => {
    daemon = await startDaemonProcess({ routes, args: ['--workers', '1'] });
    // The table is there before anything is compared.
    await exchange(daemon.socketPath, asking(0));
  });

  after(() => daemon.stop());

  test('is decided by what it contains, wherever that is', async () => {
    const prompts = [
      [`${longPrompt}The QUICK brown fox 3999;`, 'in-house-399'],
      [`the quick brown fox 17;${longPrompt}the quick brown fox 5;`, 'in-house-0'],
      [`${longPrompt}the quick brown fox 17`, 'anywhere'],
    ] as const;
    for (const [prompt, target] of prompts) {
      const [answer] = await exchange(daemon.socketPath, asking(1, prompt));
      assert.equal(resultOf(answer)['target_model'], target);
    }
  });

  test('holds up nothing that comes behind it', async () => {
    const client = await WireClient.connect(daemon.socketPath);
    // The end of one frame and the whole of the next are read together.
    client.send(Buffer.concat([asking(1, longPrompt), asking(2)]));
    assert.equal(toAnswer(await client.nextMessage()).id, 2);
    assert.equal(toAnswer(await client.nextMessage()).id, 1);
    client.destroy();
  });

  test('of a client that is gone is not searched to its end, and nobody is hurt', async () => {
    for (let round = 0; round < 20; round += 1) {
      const client = await WireClient.connect(daemon.socketPath);
      client.send(Buffer.concat([asking(1, longPrompt), asking(2)]));
      assert.equal(toAnswer(await client.nextMessage()).id, 2);
      client.destroy();
    }
    const [answer] = await exchange(daemon.socketPath, asking(4, `${longPrompt}the quick brown fox 11;`));
    assert.equal(resultOf(answer)['target_model'], 'in-house-1');
  });

  test('are answered before a daemon ends that is told to', async () => {
    const client = await WireClient.connect(daemon.socketPath);
    client.send(Buffer.concat([asking(1, longPrompt), asking(2)]));
    assert.equal(toAnswer(await client.nextMessage()).id, 2);
    daemon.child.kill('SIGTERM');
    const ids = new Set<unknown>();
    for (let message = await client.nextMessage(); message !== undefined;) {
      ids.add(message[0] === 1 ? toAnswer(message).id : message[1]);
      message = await client.nextMessage();
    }
    assert.deepEqual(ids, new Set([1, 'goaway']));
    assert.equal((await daemon.exited).code, 0);
  });
});
