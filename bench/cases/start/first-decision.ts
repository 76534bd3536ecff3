// From the start of the process to the first decision, with the typical routes in a file: what a restart costs whoever
// has nothing in front of the socket. The client tries to connect as soon as the path is there.
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchCase } from '../../support/bench-case.js';
import { figureOfHistograms } from '../../support/figure.js';
import { histogramOf } from '../../support/histogram.js';
import { ORG, requestFrame, routeFileText } from '../../support/payloads.js';
import { signalboxMain } from '../../support/paths.js';
import { typicalRequest } from '../../support/typical.js';

const TRY_AGAIN_MS = 1;

export const bench: BenchCase = {
  about: 'from starting `signalbox serve` (2 workers) to its first decision',
  figures: ['route-file'],
  isInReadme: true,
  async run({ directory, settings, signal, say }) {
    const routeFile = join(directory, 'routes.yaml');
    await writeFile(routeFile, routeFileText());
    const timesMs: number[] = [];
    for (let start = 1; start <= settings.starts; start += 1) {
      say(`start ${start} of ${settings.starts}`);
      timesMs.push(await timeOneStart(routeFile, join(directory, `${start}.sock`), signal));
    }
    return [figureOfHistograms({ name: 'route-file', unit: 'ms', headline: 'p99' }, [histogramOf(timesMs)])];
  },
};

async function timeOneStart(routeFile: string, socketPath: string, signal: AbortSignal): Promise<number> {
  const args = ['serve', '--store', `file:${routeFile}`, '--socket', socketPath, '--workers', '2'];
  const beganAtMs = performance.now();
  const child = spawn(process.execPath, [signalboxMain, ...args], { stdio: 'ignore', detached: true });
  const exited = once(child, 'exit');
  try {
    const socket = await connectAtLast(socketPath, signal, () => child.exitCode !== null);
    socket.write(requestFrame(ORG, typicalRequest(0)));
    await once(socket, 'data');
    const tookMs = performance.now() - beganAtMs;
    socket.destroy();
    return tookMs;
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
}

async function connectAtLast(path: string, signal: AbortSignal, isOver: () => boolean): Promise<Socket> {
  for (;;) {
    signal.throwIfAborted();
    if (isOver()) throw new Error('the daemon ended instead of starting; run `signalbox serve` to see why');
    const socket = connect(path);
    try {
      await once(socket, 'connect');
      return socket;
    } catch {
      await sleep(TRY_AGAIN_MS);
    }
  }
}
