// What a soak finds fault with.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Decision, FailOpenReason } from '../../src/client/client.js';
import { failOpenDecision } from '../../src/client/decision.js';
import { decisionFromWire } from '../../src/client/wire-answers.js';
import { AnswerChecker } from './answer-checker.js';
import { ADMIN_ORGS, SQL_ORGS, adminAction } from './orgs.js';

const [ORG = ''] = SQL_ORGS;
const [ADMIN_ORG = ''] = ADMIN_ORGS;

function decided(version: number, revision: number, route = 'only'): Decision {
  const action = adminAction(version);
  const wire = {
    ...{ ...action, route, revision, route_id: null, reason: 'matched', stale: false },
    ...{ disable_cache: false, max_cost_usd: null, paused: false },
  };
  return decisionFromWire(wire, 'm');
}

function refused(reason: FailOpenReason): Decision {
  return failOpenDecision('m', reason, 'said so');
}

class Checked {
  nowMs = 0;
  readonly checker = new AnswerChecker(() => this.nowMs);

  /** Of the org that is edited through the admin API, unless told. */
  check(decision: Decision, { connection = 0, orgId = ADMIN_ORG } = {}): this {
    this.checker.check(decision, { orgId, model: 'first', connection });
    return this;
  }

  finds(...patterns: readonly RegExp[]): void {
    const { problems } = this.checker;
    assert.equal(problems.length, patterns.length, problems.join('\n'));
    for (const [index, pattern] of patterns.entries()) assert.match(problems[index] ?? '', pattern);
  }
}

describe('an answer of a soak', () => {
  it('is fine when it is by a whole table, and revisions go on', () => {
    const checked = new Checked();
    checked.check(decided(3, 7)).check(decided(4, 8)).check(decided(3, 7), { connection: 1 });
    checked.check(decided(3, 8, 'first'), { orgId: ORG });
    checked.finds();
  });

  it('is not fine when it is by parts of two tables', () => {
    const checked = new Checked();
    checked.check({ ...decided(4, 8), targetModel: 'v3' });
    checked.check(decided(2, 8, 'first'), { orgId: ORG });
    checked.check(decided(3, 9, 'first'), { orgId: ORG });
    checked.finds(/says "only v3 f4"/, /revision 8 says/, /revision 9 is half an edit/);
  });

  it('is not fine when the connection has seen a later one, unless another daemon answers', () => {
    const checked = new Checked();
    checked.check(decided(4, 8)).check(decided(3, 7));
    checked.finds(/revision 7 after 8/);
    checked.checker.daemon('killed');
    checked.checker.daemon('starting');
    checked.check(decided(3, 7));
    checked.finds(/revision 7 after 8/);
  });

  it('is not fine when the revision was of another version', () => {
    const checked = new Checked();
    checked.checker.edited({ orgId: ADMIN_ORG, version: 5, revision: 9 });
    checked.check(decided(4, 9));
    checked.finds(/revision 9 is of version 4, and was of 5/);
  });

  it('may be a refusal only before the daemon has decided for the org', () => {
    const checked = new Checked();
    checked
      .check(refused('unavailable'))
      .check(decided(1, 1))
      .check(refused('unavailable'), { connection: 1 });
    checked.finds(/no decision: unavailable/);
  });

  it('may be missing only before the daemon has decided on the connection', () => {
    const checked = new Checked();
    checked.check(decided(1, 1)).check(refused('unreachable'), { connection: 1 }).check(refused('timeout'));
    checked.finds(/no decision: timeout/);
    checked.checker.daemon('killed');
    checked.check(decided(1, 1)).check(refused('unreachable'));
    checked.checker.daemon('starting');
    checked.check(refused('unreachable'));
    checked.finds(/no decision: timeout/);
  });

  it('is by an edit sooner or later, and how much later is told', () => {
    const checked = new Checked();
    checked.checker.edited({ orgId: ADMIN_ORG, version: 5 });
    checked.nowMs = 10;
    checked.checker.edited({ orgId: ADMIN_ORG, version: 6 });
    checked.check(decided(4, 8));
    assert.deepEqual(checked.checker.unheard, { count: 1, oldestMs: 10 });
    checked.check(decided(5, 9));
    assert.deepEqual(checked.checker.unheard, { count: 0, oldestMs: 0 });
    assert.deepEqual(checked.checker.takeHeardMs(), [10]);
    assert.deepEqual(checked.checker.takeHeardMs(), []);
  });

  it('is told of up to a limit, and counted beyond it', () => {
    const checked = new Checked();
    for (let count = 0; count < 25; count += 1) checked.check({ ...decided(4, 8), targetModel: 'v3' });
    assert.equal(checked.checker.problems.length, 21);
    assert.equal(checked.checker.problems.at(-1), 'and 5 more');
  });
});
