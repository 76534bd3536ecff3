// What befalls a service but for kill -9: its main loop stands still, all its workers crash as soon as they run, it needs
// more memory than it may have. A client that is connected asks on and on, as a gateway does; another that comes
// afterwards tells when the service is back.
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignalboxClient } from '../../src/client/client.js';
import type { Injection } from '../support/faults.js';
import { GATEWAY_SOCKET, type SystemdMachine } from '../support/systemd-machine.js';
import { waitFor } from '../support/wait-for.js';
import { WireClient } from '../support/wire-client.js';

const UNIT = '/usr/local/lib/systemd/system/signalbox.service';
const DROP_IN = '/run/systemd/system/signalbox.service.d/zz-faults.conf';
const PRELOAD = '/usr/local/lib/node_modules/signalbox/dist/test/support/fault-injection.js';

/** The same file, as the service sees it and as the machine does. */
const FAULT_FILE = '/var/lib/signalbox/fault.json';
const FAULT_FILE_OUTSIDE = '/var/lib/private/signalbox/fault.json';

const ASK_EVERY_MS = 5;
/** Seldom, for to ask systemd takes time of a core. */
const RESTARTS_EVERY_MS = 250;
const PATIENT_MS = 120_000;

/** Enough to start and to serve, and soon used up. */
const MEMORY_MAX = '256M';

interface Outcome {
  readonly sent: number;
  readonly decided: number;
  readonly 'fail-open': number;
  readonly 'slowest ms': number;
  /** From the cause, or from the moment at which its connections ended, to the next who is answered. */
  readonly 'back after ms': number;
  readonly note: string;
}

/** Prints a table; resolves with the number of faults that it did not come back from. */
export async function faultAfterFault(machine: SystemdMachine, orgId: string): Promise<number> {
  await makeInjectable(machine);
  const faults: Readonly<Record<string, (asking: Asking) => Promise<[number, string]>>> = {
    'main loop stands still': (asking) => standStill(machine, asking),
    'all workers crash, again and again': (asking) => crashLoop(machine, asking),
    'more memory than MemoryMax': (asking) => runOutOfMemory(machine, asking),
  };
  const outcomes: Record<string, Outcome> = {};
  for (const [name, cause] of Object.entries(faults)) {
    console.error(`fault: ${name}`);
    const asking = new Asking(machine.path(GATEWAY_SOCKET), orgId);
    const [backAfterMs, note] = await cause(asking);
    outcomes[name] = { ...(await asking.stop()), 'back after ms': Math.round(backAfterMs), note };
  }
  console.table(outcomes);
  await machine.must(`rm ${DROP_IN} && systemctl daemon-reload && systemctl restart signalbox.service`);
  return Object.values(outcomes).filter(({ 'back after ms': ms }) => !Number.isFinite(ms)).length;
}

/** The watchdog ends it; its workers decide until then. */
async function standStill(machine: SystemdMachine, asking: Asking): Promise<[number, string]> {
  const begunMs = performance.now();
  const { ended } = await inject(machine, asking, { thread: 'main', fault: 'wait-for-ever' });
  await ended;
  const decidedMeanwhile = asking.decided;
  const endedAfterMs = Math.round(performance.now() - begunMs);
  await asking.isAnswered();
  const watchdog = await machine.property('WatchdogUSec');
  const note = `WatchdogSec=${watchdog}; ended after ${endedAfterMs} ms, ${decidedMeanwhile} decisions until then`;
  return [performance.now() - begunMs, note];
}

/** It gives up, tells everybody at once that there is nobody to decide, and is started again from time to time. */
async function crashLoop(machine: SystemdMachine, asking: Asking): Promise<[number, string]> {
  await inject(machine, asking, { thread: 'workers', fault: 'exit', isLasting: true });
  // The one that had lived for long ends at once. How often those after it are started is what the loop costs.
  const restarts = Number(await machine.property('NRestarts'));
  await restartedTimes(machine, restarts + 1);
  const beganMs = performance.now();
  const cpuMs = await machine.serviceCpuMs();
  await restartedTimes(machine, restarts + 3);
  const tookMs = performance.now() - beganMs;
  const percent = (((await machine.serviceCpuMs()) - cpuMs) / tookMs) * 100;
  // Whatever it was is mended.
  await machine.must(`rm ${FAULT_FILE_OUTSIDE}`);
  const mendedMs = performance.now();
  await asking.isAnswered();
  const note = `${percent.toFixed(1)} % of a core; a start every ${Math.round(tookMs / 2000)} s`;
  return [performance.now() - mendedMs, note];
}

async function restartedTimes(machine: SystemdMachine, times: number): Promise<void> {
  const isReached = async (): Promise<boolean> => {
    await sleep(RESTARTS_EVERY_MS);
    return Number(await machine.property('NRestarts')) >= times;
  };
  await waitFor(isReached, `the service to be restarted for the ${times}th time`, PATIENT_MS);
}

/** The kernel ends it, and systemd starts it again. */
async function runOutOfMemory(machine: SystemdMachine, asking: Asking): Promise<[number, string]> {
  const { ended } = await inject(machine, asking, { thread: 'main', fault: 'run-out-of-memory' });
  await ended;
  const begunMs = performance.now();
  await asking.isAnswered();
  const backAfterMs = performance.now() - begunMs;
  // Where control groups are of the first version, systemd doesn't know why the kernel did it.
  const [end = '?'] = (await machine.journal()).match(/Main process exited.*|.*oom-kill.*/g)?.slice(-1) ?? [];
  return [backAfterMs, `MemoryMax=${MEMORY_MAX}; ${end.replace('signalbox.service: ', '')}`];
}

/** A client that asks all the time, with a connection beside it by whose end the service's is seen. */
class Asking {
  readonly #socketPath: string;
  readonly #orgId: string;
  readonly #client: SignalboxClient;
  readonly #timer: NodeJS.Timeout;
  readonly #underWay = new Set<Promise<void>>();
  #sent = 0;
  #decided = 0;
  #slowestMs = 0;

  constructor(socketPath: string, orgId: string) {
    this.#socketPath = socketPath;
    this.#orgId = orgId;
    this.#client = new SignalboxClient({ socketPath });
    this.#timer = setInterval(() => {
      const asked: Promise<void> = this.#ask().finally(() => this.#underWay.delete(asked));
      this.#underWay.add(asked);
    }, ASK_EVERY_MS);
  }

  get decided(): number {
    return this.#decided;
  }

  /** Resolves with a connection, which ends with the service. */
  async witness(): Promise<WireClient> {
    const witness = await WireClient.connect(this.#socketPath);
    await witness.call('hello', {});
    return witness;
  }

  /** Resolves when one who comes now, and patiently, has a decision. */
  async isAnswered(): Promise<void> {
    await waitFor(
      async () => {
        const late = new SignalboxClient({ socketPath: this.#socketPath, deadlineMs: PATIENT_MS });
        const { failOpen } = await late.resolve({ orgId: this.#orgId, model: 'gpt-4o' });
        await late.close();
        return !failOpen;
      },
      'a decision',
      PATIENT_MS,
    );
  }

  async stop(): Promise<Pick<Outcome, 'sent' | 'decided' | 'fail-open' | 'slowest ms'>> {
    clearInterval(this.#timer);
    await Promise.all(this.#underWay);
    await this.#client.close();
    return {
      sent: this.#sent,
      decided: this.#decided,
      'fail-open': this.#sent - this.#decided,
      'slowest ms': Math.round(this.#slowestMs),
    };
  }

  async #ask(): Promise<void> {
    this.#sent += 1;
    const begunMs = performance.now();
    const { failOpen } = await this.#client.resolve({ orgId: this.#orgId, model: 'gpt-4o' });
    this.#slowestMs = Math.max(this.#slowestMs, performance.now() - begunMs);
    if (!failOpen) this.#decided += 1;
  }
}

async function makeInjectable(machine: SystemdMachine): Promise<void> {
  const [, command = ''] = /^ExecStart=(.*)$/m.exec(await machine.must(`cat ${UNIT}`)) ?? [];
  const [node, ...parameters] = command.split(' ');
  await writeFile(
    machine.path(DROP_IN),
    [
      '[Service]',
      `Environment=SIGNALBOX_TEST_FAULT=${FAULT_FILE}`,
      'ExecStart=',
      `ExecStart=${node} --import ${PRELOAD} ${parameters.join(' ')}`,
      'MemoryHigh=infinity',
      `MemoryMax=${MEMORY_MAX}`,
      '',
    ].join('\n'),
  );
  await machine.must('systemctl daemon-reload && systemctl restart signalbox.service');
}

/** Resolves when it has been caused; `ended` does when the service's connections have. */
async function inject(
  machine: SystemdMachine,
  asking: Asking,
  injection: Injection,
): Promise<{ readonly ended: Promise<void> }> {
  const witness = await asking.witness();
  await writeFile(machine.path(FAULT_FILE_OUTSIDE), JSON.stringify(injection), { mode: 0o644 });
  await machine.must(`kill -USR2 ${await machine.mainPid()}`);
  const ended = waitFor(() => witness.ended, 'the end of the service', PATIENT_MS).finally(() => {
    witness.destroy();
  });
  // Who doesn't wait for it doesn't mind.
  ended.catch(() => undefined);
  return { ended };
}
