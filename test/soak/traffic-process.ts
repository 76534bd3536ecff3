// The traffic's process, as the soak sees it.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FromTraffic, ToTraffic } from './messages.js';
import type { TrafficFigures } from './traffic-figures.js';

export class TrafficProcess {
  readonly #child: ChildProcess;
  readonly #waiting: { resolve: (message: FromTraffic) => void; reject: (error: Error) => void }[] = [];

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message: FromTraffic) => this.#waiting.shift()?.resolve(message));
    child.on('exit', (code, signal) => {
      for (const { reject } of this.#waiting.splice(0)) {
        reject(new Error(`the traffic's process has ended: ${signal ?? String(code)}`));
      }
    });
  }

  static async start(socketPath: string, ratePerSecond: number): Promise<TrafficProcess> {
    const main = fileURLToPath(new URL('traffic-main.js', import.meta.url));
    const child = fork(main, [socketPath, String(ratePerSecond)]);
    const traffic = new TrafficProcess(child);
    await new Promise((resolve, reject) => {
      traffic.#waiting.push({ resolve, reject });
    });
    return traffic;
  }

  async tell(message: ToTraffic): Promise<FromTraffic> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.send(message, (error) => {
        if (error !== null) reject(error);
      });
    });
  }

  async report(): Promise<TrafficFigures> {
    return figuresOf(await this.tell({ kind: 'report' }));
  }

  /** The last figures, when every request has its answer. */
  async finish(): Promise<TrafficFigures> {
    const exited = once(this.#child, 'exit');
    const figures = figuresOf(await this.tell({ kind: 'finish' }));
    await exited;
    return figures;
  }

  /** Idempotent. */
  async kill(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

function figuresOf({ figures }: FromTraffic): TrafficFigures {
  if (figures === undefined) throw new Error('the traffic said no figures');
  return figures;
}
