// Somebody asks for orgs that nobody has, by the million, beside the traffic of orgs that are there. What it does to the
// daemon's memory and to the database is said on the way, and bounded.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client, request } from 'undici';
import type { DaemonStatus } from '../../src/admin/backend.js';
import type { DaemonProcess } from '../support/daemon-process.js';
import type { FaultStage } from '../support/fault-stage.js';
import { median } from '../support/median.js';
import { repositoryPath } from '../support/paths.js';
import type { Fault } from './fault.js';

const CONNECTIONS = 4;
const MEBIBYTE = 1024 * 1024;

/** Reads of orgs without routes, at once and then a second; with some for the known orgs and the change feed. */
const READS_BURST = 10_000;
const READS_PER_SECOND = 500 + 100;

/**
 * By which part the daemon may be larger in the last fifth than in the second tenth and the third. It is looked at often,
 * for what it holds goes up and down with its garbage.
 */
const GROWTH_MAX = 0.1;

/** Garbage, too: within the first seconds the heaps are still on their way to the size that they will have. */
const EARLY_GROWTH_MAX = 0.5;

async function residentMib({ pid }: DaemonProcess): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round((Number(/^VmRSS:\s*(\d+) kB$/m.exec(text)?.[1]) * 1024) / MEBIBYTE);
}

async function selects({ server }: FaultStage): Promise<number> {
  const [row] = await server.query(`SHOW GLOBAL STATUS LIKE 'Com_select'`);
  return Number(row?.['Value']);
}

async function status(socketPath: string): Promise<DaemonStatus> {
  const dispatcher = new Client('http://localhost', { socketPath });
  try {
    const { body } = await request('http://localhost/v1/status', { dispatcher });
    return (await body.json()) as DaemonStatus;
  } finally {
    await dispatcher.close();
  }
}

function inventionFault(name: string, count: number, options: Partial<Fault>): Fault {
  return {
    name,
    cause: `${count.toLocaleString('en')} orgs that nobody has, each asked for once, as fast as they are answered`,
    ...options,
    play: async (stage) => {
      const admin = join(stage.server.socketPath, '..', 'admin.sock');
      const daemon = await stage.startBusyDaemon({ args: ['--admin', admin] });
      const selectsBefore = await selects(stage);
      const beganMs = performance.now();
      const program = repositoryPath('dist/test/support/invented-orgs.js');
      const flood = spawn(
        process.execPath,
        [program, daemon.socketPath, String(count), String(CONNECTIONS)],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      stage.defer(async () => void flood.kill('SIGKILL'));
      const exited = once(flood, 'exit');
      const sizesMib: number[] = [];
      let reportedAt = 0;
      let last = '';
      for await (const line of createInterface({ input: flood.stdout })) {
        last = line;
        const answered = Number(line);
        if (Number.isNaN(answered)) continue;
        const mib = await residentMib(daemon);
        sizesMib.push(mib);
        if (answered < reportedAt + count / 10) continue;
        reportedAt = answered;
        const seconds = (performance.now() - beganMs) / 1000;
        const reads = (await selects(stage)) - selectsBefore;
        stage.say(
          `${answered.toLocaleString('en')} invented orgs in ${seconds.toFixed(1)} s: ${mib} MiB, ${reads} reads of the database`,
        );
      }
      const [code] = (await exited) as [number | null];
      assert.equal(code, 0, 'every one was answered');
      const { answered, refused } = JSON.parse(last) as { answered: number; refused: number };
      const seconds = (performance.now() - beganMs) / 1000;
      stage.tally.sent += answered;
      stage.tally.decisions += answered - refused;
      stage.tally.notYetKnown += refused;
      const reads = (await selects(stage)) - selectsBefore;
      assert.ok(reads <= READS_BURST + READS_PER_SECOND * seconds, `${reads} reads within ${seconds} s`);
      const { length } = sizesMib;
      const early = median(sizesMib.slice(0.1 * length, 0.3 * length));
      const late = median(sizesMib.slice(0.8 * length));
      stage.say(`${early} MiB early on, ${late} MiB in the end`);
      const growthMax = options.isShort === true ? EARLY_GROWTH_MAX : GROWTH_MAX;
      assert.ok(late <= (1 + growthMax) * early, `the daemon grew from ${early} MiB to ${late} MiB`);
      const { cache } = await status(admin);
      assert.equal(cache.known_orgs, stage.orgIds.length, 'no known org was given up');
      stage.say(`known orgs ${cache.known_orgs}, unknown ones that are remembered ${cache.unknown_orgs}`);
      stage.mark();
      await stage.edit();
      return stage.recovered();
    },
  };
}

export const INVENTION_FAULTS: readonly Fault[] = [
  inventionFault('invented orgs', 200_000, { isShort: true }),
  inventionFault('ten million invented orgs', 10_000_000, { isLong: true }),
];
