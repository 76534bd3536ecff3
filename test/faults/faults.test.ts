// The faults that take a few seconds each, in short: whatever happens to the database or at the start, every request
// of an org that was once decided for is decided, from one whole table, and no revision goes back. `npm run test:faults`
// plays all of them in full and measures.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Scale } from '../support/fault-stage.js';
import { hasPrivateServer } from '../support/mariadb.js';
import { ALL_FAULTS } from './all-faults.js';
import { playFault } from './fault.js';

// Nothing here is about how fast the machine is.
const SHORT: Scale = { ttl: '300ms', resolveTimeout: '2s', outageMs: 0, rounds: 1, edits: 200 };

const skip = hasPrivateServer() ? false : 'the server of SIGNALBOX_TEST_MYSQL_URL is not ours to kill';

describe('every request of a known org is decided, from one whole table', { skip, timeout: 180_000 }, () => {
  for (const fault of ALL_FAULTS.filter(({ isShort }) => isShort)) {
    it(`${fault.name}: ${fault.cause}`, async () => {
      const { problems, sent, decisions, notYetKnown } = await playFault(fault, SHORT);
      assert.deepEqual(problems, []);
      assert.equal(decisions + notYetKnown, sent);
    });
  }
});
