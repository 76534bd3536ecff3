// The line for `systemctl status`, from looks at the daemon.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StatusLine } from '../../../src/control/systemd/status-line.js';
import { requestsOf, statusOf } from '../../support/daemon-status.js';

const answers = requestsOf({}).answers;

describe('the status line', () => {
  it('says how many decisions a second were made since the last one, whatever they were', () => {
    const line = new StatusLine();
    const at = (uptimeMs: number, decided: Partial<typeof answers>): string =>
      line.of(
        statusOf({
          state: 'ready',
          uptime_ms: uptimeMs,
          requests: requestsOf({ answers: { ...answers, ...decided } }),
        }),
      );
    const none = { matched: 0, no_match: 0, no_such_route: 0 };
    assert.match(at(1000, none), /; 0 decisions\/s;/);
    assert.match(
      at(3000, { matched: 5000, no_match: 900, no_such_route: 100, unavailable: 7 }),
      /; 3000 decisions\/s;/,
    );
    assert.match(at(8000, { matched: 5000, no_match: 900, no_such_route: 100 }), /; 0 decisions\/s;/);
  });

  it('says what is wrong with the store, in the one line that there is', () => {
    const store = { url: 'file:x', up: false, last_error: `no\nsuch ${'x'.repeat(200)}` };
    const text = new StatusLine().of(statusOf({ state: 'draining', store }));
    assert.match(text, /^draining; \d+ connections; \d+ decisions\/s; \d+ orgs; \d of \d workers; /);
    assert.match(text, /the store is failing: no such x{100,}…$/);
  });
});
