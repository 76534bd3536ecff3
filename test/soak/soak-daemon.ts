// The daemon of a soak: killed and started again at the same sockets, on the same snapshot and database.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DaemonProcess, type ExitStatus, startDaemonProcess } from '../support/daemon-process.js';

export class SoakDaemon {
  readonly #directory: string;
  readonly #storeUrl: string;
  readonly #resolveTimeout: string;
  #process: DaemonProcess | undefined;
  #startedMs = 0;

  private constructor(directory: string, storeUrl: string, resolveTimeout: string) {
    this.#directory = directory;
    this.#storeUrl = storeUrl;
    this.#resolveTimeout = resolveTimeout;
  }

  static async start(storeUrl: string, resolveTimeout: string): Promise<SoakDaemon> {
    const directory = await mkdtemp(join(tmpdir(), 'signalbox-soak-'));
    const daemon = new SoakDaemon(directory, storeUrl, resolveTimeout);
    try {
      await daemon.start();
      return daemon;
    } catch (error) {
      await daemon.close();
      throw error;
    }
  }

  get socketPath(): string {
    return join(this.#directory, 'gateway.sock');
  }

  get adminSocket(): string {
    return join(this.#directory, 'admin.sock');
  }

  /** Undefined while there is none. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get ageMs(): number {
    return performance.now() - this.#startedMs;
  }

  async start(): Promise<void> {
    this.#startedMs = performance.now();
    const started = await startDaemonProcess({
      args: [
        ...['--store', this.#storeUrl, '--socket', this.socketPath, '--workers', '2'],
        ...['--admin', this.adminSocket, '--snapshot', join(this.#directory, 'snapshot')],
        ...['--resolve-timeout', this.#resolveTimeout],
      ],
      // A terminal's Ctrl-C is for the soak, which ends it in order.
      through: ['setsid'],
    });
    this.#process = started;
    void started.exited.then(() => {
      if (this.#process === started) this.#process = undefined;
    });
  }

  async kill(): Promise<void> {
    await this.#process?.stop('SIGKILL');
  }

  /** Ends it as an operator does; resolves with how it ended. */
  async stop(): Promise<ExitStatus | undefined> {
    return this.#process?.stop();
  }

  /** Ends it at once, and leaves nothing behind. */
  async close(): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
