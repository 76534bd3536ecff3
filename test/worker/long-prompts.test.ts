// Requests that wait for their long prompts to be searched: who has his turn when, how many may wait, and what becomes
// of those whose client is gone. The test says when the loop turns.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { RequestFrame } from '../../src/protocol/request-frame.js';
import { shareTable } from '../../src/protocol/shared-table.js';
import { compileTable } from '../../src/routing/compile.js';
import { fillSignals } from '../../src/routing/signals.js';
import { FIRST_ROUTE, NO_MATCH } from '../../src/routing/table.js';
import { DecidingMark } from '../../src/worker/deciding-mark.js';
import {
  LONG_PROMPTS_BYTES_MAX,
  type LongPrompt,
  type LongPromptOwner,
  LongPrompts,
  NO_ROOM,
  WAITS,
} from '../../src/worker/long-prompts.js';
import { NO_HITS, OutcomeHits } from '../../src/worker/outcome-hits.js';
import { TableSlot } from '../../src/worker/table-slots.js';
import { DECIDING, newVitalSigns } from '../../src/worker/thread-messages.js';
import { org, route } from '../support/routes.js';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Too many to be looked for one by one. */
const keywords = ['credit card', 'passport', 'iban', 'salary', 'diagnosis'];
const block = shareTable(compileTable([route('secret', { when: { prompt_contains_any_of: keywords } })], 1));
const slot = slotOf(block);

function slotOf(table: SharedArrayBuffer): TableSlot {
  const times = { refreshAtMs: Infinity, untilMs: Infinity, lastGoodUntilMs: Infinity };
  const shipped = { orgId: org(1), block: table, table: 1, revision: 1, ...times };
  return new TableSlot(shipped, false, new OutcomeHits(NO_HITS));
}

function requestOf(id: number, prompt: string): RequestFrame {
  const request = new RequestFrame();
  request.id = id;
  fillSignals(request.signals, { model: 'm', prompt });
  return request;
}

class Client implements LongPromptOwner {
  constructor(readonly answered: (id: number, outcome: number) => void) {}

  answerLong({ id }: LongPrompt, outcome: number): void {
    this.answered(id, outcome);
  }

  failLong(_prompt: LongPrompt, error: unknown): void {
    throw error;
  }
}

describe('requests with long prompts', () => {
  const vitalSigns = newVitalSigns();
  let tasks: (() => void)[];
  let longPrompts: LongPrompts;
  let answers: [id: number, outcome: number][];
  let client: Client;

  beforeEach(() => {
    tasks = [];
    answers = [];
    longPrompts = new LongPrompts(new DecidingMark(vitalSigns), (task) => tasks.push(task));
    client = new Client((id, outcome) => answers.push([id, outcome]));
  });

  const select = (id: number, prompt: string, owner = client): number =>
    longPrompts.select(owner, slot, requestOf(id, prompt), 0);

  /** Returns how many turns it took until nothing was left to do. */
  function turnUntilIdle(): number {
    let turns = 0;
    for (let task = tasks.shift(); task !== undefined; task = tasks.shift(), turns += 1) task();
    return turns;
  }

  it('are decided when their prompt has been searched, in many turns, to its end', () => {
    assert.equal(select(1, `${'x'.repeat(MIB)} PASSPORT`), WAITS);
    assert.equal(select(2, 'y'.repeat(MIB + ' PASSPORT'.length)), WAITS);
    assert.deepEqual(answers, []);
    assert.ok(turnUntilIdle() > 100);
    assert.deepEqual(answers, [
      [1, FIRST_ROUTE],
      [2, NO_MATCH],
    ]);
    assert.equal(vitalSigns[DECIDING], 0);
  });

  it('do not wait for longer ones that came before', () => {
    assert.equal(select(1, 'x'.repeat(MIB)), WAITS);
    assert.equal(select(2, 'y'.repeat(20 * KIB)), WAITS);
    turnUntilIdle();
    assert.deepEqual(
      answers.map(([id]) => id),
      [2, 1],
    );
  });

  it('of a client do not wait for all that another has', () => {
    const other = new Client((id, outcome) => answers.push([id, outcome]));
    for (let id = 1; id <= 100; id += 1) assert.equal(select(id, 'x'.repeat(64 * KIB)), WAITS);
    assert.equal(select(1000, 'y'.repeat(64 * KIB), other), WAITS);
    turnUntilIdle();
    assert.equal(answers.length, 101);
    assert.equal(answers[0]?.[0], 1000);
  });

  it('are decided at once where no keyword is asked for, or few', () => {
    const few = shareTable(
      compileTable([route('secret', { when: { prompt_contains_any_of: ['iban'] } }), route('rest')], 1),
    );
    const other = slotOf(few);
    assert.equal(
      longPrompts.select(client, other, requestOf(1, `${'x'.repeat(60 * KIB)} iban`), 0),
      FIRST_ROUTE,
    );
    assert.equal(longPrompts.select(client, other, requestOf(2, 'x'.repeat(60 * KIB)), 0), FIRST_ROUTE + 1);
    assert.equal(longPrompts.size, 0);
    assert.equal(longPrompts.select(client, other, requestOf(3, `${'x'.repeat(MIB)} iban`), 0), WAITS);
    turnUntilIdle();
    assert.deepEqual(answers, [[3, FIRST_ROUTE]]);
  });

  it('keep the memory that they need when that which they were read from is used again', () => {
    const request = requestOf(1, `${'x'.repeat(20 * KIB)} salary`);
    assert.equal(longPrompts.select(client, slot, request, 0), WAITS);
    request.signals.bytes.fill(0x7a);
    request.signals.reset();
    turnUntilIdle();
    assert.deepEqual(answers, [[1, FIRST_ROUTE]]);
  });

  it('of one client take half of the room at most, and leave the rest to others', () => {
    const prompt = 'x'.repeat(MIB);
    let taken = 0;
    while (select(taken, prompt) === WAITS) taken += 1;
    assert.equal(taken, Math.ceil(LONG_PROMPTS_BYTES_MAX / 2 / (MIB + 16 * KIB)));
    const other = new Client((id, outcome) => answers.push([id, outcome]));
    assert.equal(select(1000, prompt, other), WAITS);
    assert.equal(select(1001, prompt), NO_ROOM);
    turnUntilIdle();
    assert.equal(answers.length, taken + 1);
    assert.equal(select(1002, prompt), WAITS, 'there is room again');
  });

  it('take room for all that they say, and for the keywords that are looked for', () => {
    const longTag = (id: number): RequestFrame => {
      const request = requestOf(id, 'x'.repeat(20 * KIB));
      fillSignals(request.signals, { model: 'm', prompt: 'x'.repeat(20 * KIB), tag: 't'.repeat(MIB) });
      return request;
    };
    let taken = 0;
    while (longPrompts.select(client, slot, longTag(taken), 0) === WAITS) taken += 1;
    assert.ok(taken < 32, `${taken} MiB were taken`);
    longPrompts.leave(client);

    const many = Array.from({ length: 100_000 }, (_, index) => `secret ${index}`);
    const manyKeywords = slotOf(
      shareTable(compileTable([route('secret', { when: { prompt_contains_any_of: many } })], 1)),
    );
    taken = 0;
    while (longPrompts.select(client, manyKeywords, requestOf(taken, 'x'.repeat(20 * KIB)), 0) === WAITS)
      taken += 1;
    assert.ok(taken < 80, `${taken} times 400 KB were taken`);
    turnUntilIdle();
    assert.equal(answers.length, taken);
    assert.equal(longPrompts.select(client, slot, longTag(0), 0), WAITS, 'there is room again');
  });

  it('are forgotten with their client, and leave their room', () => {
    const prompt = 'x'.repeat(MIB);
    for (let round = 0; round < 3; round += 1) {
      while (select(1, prompt) === WAITS);
      longPrompts.leave(client);
      assert.equal(longPrompts.size, 0);
    }
    turnUntilIdle();
    assert.deepEqual(answers, []);
    assert.equal(select(1, prompt), WAITS);
  });
});
