// kill -9, again and again: how long after it the next who asks is answered.
import { SignalboxClient } from '../../src/client/client.js';
import { GATEWAY_SOCKET, type SystemdMachine } from '../support/systemd-machine.js';
import { spread } from './spread.js';

/** Nothing that is measured here takes as long. */
const PATIENT_MS = 30_000;

/** Resolves with the number of kills after which there was no decision. */
export async function killAgainAndAgain(
  machine: SystemdMachine,
  orgId: string,
  kills: number,
): Promise<number> {
  const tookMs: number[] = [];
  let failed = 0;
  for (let index = 1; index <= kills; index += 1) {
    const client = new SignalboxClient({
      socketPath: machine.path(GATEWAY_SOCKET),
      deadlineMs: PATIENT_MS,
    });
    await client.hello();
    // What is killed while it starts is started again just so, but that isn't what is measured.
    await machine.must('while ! systemctl --quiet is-active signalbox.service; do sleep 0.05; done');
    // Found first: the clock starts with the signal.
    const pid = await machine.mainPid();
    const killed = machine.must(`kill -9 ${pid}`);
    const begunMs = performance.now();
    await killed;
    const { failOpen } = await client.resolve({ orgId, model: 'gpt-4o' });
    tookMs.push(performance.now() - begunMs);
    if (failOpen) failed += 1;
    await client.close();
    if (index % 10 === 0) console.error(`kill ${index} of ${kills}`);
  }
  console.log(`\n${kills} × kill -9: answered again after ${spread(tookMs)} ms; ${failed} not\n`);
  return failed;
}
