// What the service manager is told, over a real datagram socket.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NotifySocket } from '../../../src/control/systemd/notify-socket.js';
import { ServiceManager } from '../../../src/control/systemd/service-manager.js';
import { silentLog } from '../../../src/log.js';
import { NotifyReceiver } from '../../support/raw-sockets.js';
import { waitFor } from '../../support/wait-for.js';

let receivers = 0;

function receiver(): NotifyReceiver {
  receivers += 1;
  return new NotifyReceiver(`@signalbox-test-${process.pid}-${receivers}`);
}

/** @param watchdogMs so short that many beats are seen, or that none is missed. */
function managerFor(address: string, watchdogMs: number | undefined, lines: string[] = []): ServiceManager {
  return new ServiceManager({
    socket: NotifySocket.open(address, silentLog),
    watchdogMs,
    log: (_level, event) => lines.push(event),
  });
}

describe('the service manager', () => {
  test('hears that the daemon starts and may take its time, is ready, and ends', async () => {
    using heard = receiver();
    const manager = managerFor(heard.address, undefined);
    manager.starting('opening the store');
    assert.deepEqual(await heard.heard('STATUS'), {
      STATUS: 'Starting: opening the store',
      EXTEND_TIMEOUT_USEC: '30000000',
    });
    manager.ready({ figures: () => '3 connections', stuckWorkers: () => 0 });
    assert.deepEqual(await heard.heard('READY'), { READY: '1', STATUS: '3 connections' });
    manager.stopping('Ending', 12_000);
    assert.deepEqual(await heard.heard('STOPPING'), {
      STOPPING: '1',
      STATUS: 'Ending',
      EXTEND_TIMEOUT_USEC: '12000000',
    });
    manager.close();
  });

  test('hears of a reload when it begins, on the clock of the system, and when it is over, well or not', async () => {
    using heard = receiver();
    const manager = managerFor(heard.address, undefined);
    const before = process.hrtime.bigint() / 1000n;
    const reloads = manager.reloading(() => Promise.reject(new Error('the file is wrong')));
    await assert.rejects(reloads, /the file is wrong/);
    const begun = await heard.heard('RELOADING');
    const at = BigInt(begun['MONOTONIC_USEC'] ?? '0');
    assert.ok(at >= before && at <= process.hrtime.bigint() / 1000n);
    assert.deepEqual(heard.said[1], { READY: '1' });
    manager.close();
  });

  test('hears a heartbeat with figures as long as all is well', async () => {
    using heard = receiver();
    const manager = managerFor(heard.address, 30);
    let beats = 0;
    manager.ready({ figures: () => `beat ${(beats += 1)}`, stuckWorkers: () => 0 });
    await waitFor(() => {
      heard.read();
      return heard.said.filter((each) => each['WATCHDOG'] === '1').length >= 5;
    }, 'five beats');
    manager.close();
  });

  test('hears none while a worker hangs, and one again when it doesn’t; the log says it once', async () => {
    using heard = receiver();
    const lines: string[] = [];
    const manager = managerFor(heard.address, 30, lines);
    let asked = 0;
    let stuck = 1;
    manager.ready({
      figures: () => 'busy',
      stuckWorkers: () => {
        asked += 1;
        return stuck;
      },
    });
    await waitFor(() => asked >= 5, 'five questions');
    heard.read();
    assert.ok(heard.said.every((each) => each['STATUS'] === 'busy' && !('WATCHDOG' in each)));
    assert.deepEqual(lines, ['watchdog.withheld']);
    stuck = 0;
    await heard.heard('WATCHDOG');
    manager.close();
  });

  test('is told everything in order, more than it can take at once included', async () => {
    using heard = receiver();
    const socket = NotifySocket.open(heard.address, silentLog);
    // A Unix datagram socket holds no more than net.unix.max_dgram_qlen of them.
    const count = 60;
    for (let index = 0; index < count; index += 1) socket?.send(`INDEX=${index}`);
    await heard.heard('INDEX', count - 1);
    assert.deepEqual(
      heard.said.map((each) => Number(each['INDEX'])),
      Array.from({ length: count }, (_, index) => index),
    );
    socket?.close();
  });

  test('that is gone, or has an address that is unknown here, costs a line of the log', () => {
    const lines: string[] = [];
    const log = (_level: string, event: string): void => void lines.push(event);
    NotifySocket.open(`@signalbox-test-nobody-${process.pid}`, log)?.send('READY=1');
    assert.equal(NotifySocket.open('vsock:2:1234', log), undefined);
    assert.equal(NotifySocket.open(`/${'x'.repeat(108)}`, log), undefined);
    assert.equal(NotifySocket.open(undefined, log), undefined);
    assert.deepEqual(lines, ['notify.failing', 'notify.unknown', 'notify.unknown']);
  });
});
