// What the main thread says to the workers: everything, in order, and how much of it in one message.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { BroadcastChannel } from 'node:worker_threads';
import { Broadcast } from '../../../src/control/workers/broadcast.js';
import type { Broadcasted, ToWorkers } from '../../../src/worker/thread-messages.js';
import { org } from '../../support/routes.js';

function table(number: number, revision = 1): ToWorkers {
  const times = { refreshAtMs: 0, untilMs: 0, lastGoodUntilMs: 0, readBeganAtMs: 0, settledMs: 0 };
  const block = new SharedArrayBuffer(8);
  return { type: 'table', orgId: org(number), block, table: number, revision, stale: false, ...times };
}

/** Memory that threads share is another object for each of them. */
function isSame(known: ToWorkers, heard: ToWorkers): boolean {
  if (known.type !== 'table' || heard.type !== 'table') return known.type === heard.type;
  return known.orgId === heard.orgId && known.settledMs === heard.settledMs;
}

describe('what is said to the workers', () => {
  /** Whoever listens gets it as messages, up to the one that ends with a `drain`. */
  async function heard(say: (send: Broadcast['send']) => void): Promise<readonly Broadcasted[]> {
    const broadcast = new Broadcast();
    const channel = new BroadcastChannel(broadcast.channelName);
    const messages: Broadcasted[] = [];
    const events = new EventTarget();
    channel.onmessage = (event): void => {
      const { data } = event as { data: Broadcasted };
      messages.push(data);
      if (data.at(-1)?.type === 'drain') events.dispatchEvent(new Event('end'));
    };
    const end = once(events, 'end');
    say(broadcast.send);
    broadcast.send({ type: 'drain' });
    await end;
    channel.close();
    broadcast.close();
    return messages;
  }

  it('goes out together if it is said in one turn of the loop, in order', async () => {
    const messages = await heard((send) => {
      for (let number = 0; number < 50; number += 1) send({ type: 'expire', orgId: org(number) });
    });
    assert.equal(messages.length, 1);
    assert.deepEqual(
      messages[0]?.slice(0, -1),
      Array.from({ length: 50 }, (_, number) => ({ type: 'expire', orgId: org(number) })),
    );
  });

  it('is never so much that a worker has nothing else to do for long', async () => {
    const messages = await heard((send) => {
      for (let number = 0; number < 1000; number += 1) send({ type: 'expire', orgId: org(number) });
      for (let number = 0; number < 100; number += 1) send(table(number));
    });
    const tables = messages.map((together) => together.filter(({ type }) => type === 'table').length);
    assert.ok(Math.max(...messages.map(({ length }) => length)) <= 64);
    assert.ok(Math.max(...tables) <= 4);
    const orgIds = messages.flat().flatMap((message) => ('orgId' in message ? [message.orgId] : []));
    assert.deepEqual(orgIds, [
      ...Array.from({ length: 1000 }, (_, number) => org(number)),
      ...Array.from({ length: 100 }, (_, number) => org(number)),
    ]);
  });

  it('is said once where it is the same about the same org, and again once something else was', async () => {
    const one = table(1);
    const other = { ...one, settledMs: 1 };
    const gone: ToWorkers = { type: 'expire', orgId: org(1) };
    const unknown: ToWorkers = { type: 'unavailable', orgId: org(2), message: 'no', untilMs: 1 };
    const said = [one, one, { ...one }, unknown, one, unknown, other, one, gone, gone, one];
    const messages = await heard((send) => {
      for (const message of said) send(message);
    });
    assert.deepEqual(
      messages
        .flat()
        .map((message) => [one, unknown, other, gone].findIndex((known) => isSame(known, message))),
      [0, 1, 2, 0, 3, 0, -1],
    );
  });

  it('is said again once it is on its way: whoever asked since then is owed an answer', async () => {
    const one = table(1);
    const messages = await heard((send) => {
      send(one);
      for (let number = 2; number < 2 + 64; number += 1) send({ type: 'expire', orgId: org(number) });
      send(one);
    });
    assert.equal(messages.flat().filter((message) => isSame(one, message)).length, 2);
  });

  it('may have many tables together that are of orgs which the store does not know', async () => {
    const messages = await heard((send) => {
      for (let number = 0; number < 50; number += 1) send(table(number, 0));
    });
    assert.equal(messages.length, 1);
  });
});
