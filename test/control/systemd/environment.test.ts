// What a service manager says by environment variables, and what is no longer there once it was read.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { takeServiceEnvironment } from '../../../src/config.js';
import { parseServiceEnvironment } from '../../../src/control/systemd/environment.js';
import { SignalboxError } from '../../../src/errors.js';

const PID = 4711;

function refusal(variables: Readonly<Record<string, string>>): string {
  try {
    parseServiceEnvironment(variables, PID);
  } catch (error) {
    assert.ok(error instanceof SignalboxError);
    assert.equal(error.code, 'configuration');
    return error.message;
  }
  return assert.fail('it was taken');
}

describe('the environment of a service', () => {
  test('is empty without a service manager', () => {
    assert.deepEqual(parseServiceEnvironment({ PATH: '/bin', NOTIFY_SOCKET: '' }, PID), {
      sockets: { gateway: [], admin: [] },
      notifySocket: undefined,
      watchdogMs: undefined,
      journalStream: undefined,
    });
  });

  test('tells sockets by their names, in whatever order they come', () => {
    const variables = { LISTEN_PID: '4711', LISTEN_FDS: '3', LISTEN_FDNAMES: 'gateway:admin:gateway' };
    assert.deepEqual(parseServiceEnvironment(variables, PID).sockets, { gateway: [3, 5], admin: [4] });
  });

  test('takes one socket without a name for the gateways’', () => {
    const { sockets } = parseServiceEnvironment({ LISTEN_PID: '4711', LISTEN_FDS: '1' }, PID);
    assert.deepEqual(sockets, { gateway: [3], admin: [] });
  });

  test('is refused if its sockets are another process’s, have other names or no number', () => {
    assert.match(refusal({ LISTEN_FDS: '1', LISTEN_PID: '1' }), /process 1, and this is 4711.*npm/);
    assert.match(refusal({ LISTEN_FDS: '1' }), /this is 4711/);
    assert.match(
      refusal({ LISTEN_PID: '4711', LISTEN_FDS: '1', LISTEN_FDNAMES: 'signalbox.socket' }),
      /"signalbox.socket": set FileDescriptorName=/,
    );
    assert.match(refusal({ LISTEN_PID: '4711', LISTEN_FDS: '2', LISTEN_FDNAMES: 'gateway' }), /named ""/);
    assert.match(refusal({ LISTEN_PID: '4711', LISTEN_FDS: 'two' }), /must be a number/);
  });

  test('has a watchdog only if it watches this process', () => {
    assert.equal(parseServiceEnvironment({ WATCHDOG_USEC: '15000000' }, PID).watchdogMs, 15_000);
    const meant = { WATCHDOG_USEC: '15000000', WATCHDOG_PID: '4711' };
    assert.equal(parseServiceEnvironment(meant, PID).watchdogMs, 15_000);
    assert.equal(parseServiceEnvironment({ ...meant, WATCHDOG_PID: '1' }, PID).watchdogMs, undefined);
  });

  test('is gone once it was taken', () => {
    process.env['NOTIFY_SOCKET'] = '@nobody';
    process.env['JOURNAL_STREAM'] = '1:2';
    assert.equal(takeServiceEnvironment().notifySocket, '@nobody');
    assert.equal(process.env['NOTIFY_SOCKET'], undefined);
    assert.equal(process.env['JOURNAL_STREAM'], undefined);
    assert.equal(takeServiceEnvironment().notifySocket, undefined);
  });
});
