// Stands between a client and a server, on a socket or a port of its own, and fails the way networks do: it can hold
// everything, cut connections, turn new ones away, or be slow. Otherwise it hands on what it gets.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import {
  type AddressInfo,
  type NetConnectOpts,
  type Server,
  type Socket,
  connect,
  createServer,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface FaultProxyOptions {
  /** Listen on a port of 127.0.0.1 instead of a socket in the file system. */
  readonly tcp?: boolean;
}

export class FaultProxy {
  readonly #target: NetConnectOpts;
  readonly #server: Server;
  readonly #directory: string;
  readonly #sockets = new Set<Socket>();
  #accepted = 0;
  #delayMs = 0;
  #refuses = false;
  #held: Promise<void> | undefined;
  #letGo: () => void = () => undefined;
  #holdsAnswersOnly = false;

  private constructor(target: NetConnectOpts, directory: string) {
    this.#target = target;
    this.#directory = directory;
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
      void this.#serve(client);
    });
  }

  /** @param target the server, e.g. `{ path }` or `{ host, port }` */
  static async start(target: NetConnectOpts, options: FaultProxyOptions = {}): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, await mkdtemp(join(tmpdir(), 'signalbox-test-')));
    proxy.#server.listen(options.tcp === true ? { host: '127.0.0.1', port: 0 } : { path: proxy.socketPath });
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get socketPath(): string {
    return join(this.#directory, 'proxy.sock');
  }

  /** Of 127.0.0.1, with `tcp`. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many connections were accepted so far, those that were refused included. */
  get accepted(): number {
    return this.#accepted;
  }

  /** From now on connections are accepted and nothing comes out of them, as if the network dropped every packet. */
  hold(): void {
    this.#held ??= new Promise((resolve) => {
      this.#letGo = resolve;
    });
  }

  /** From now on the server hears its clients, and they don't hear the server. */
  holdAnswers(): void {
    this.#holdsAnswersOnly = true;
    this.hold();
  }

  /** Ends `hold()` and `holdAnswers()`; what was sent meanwhile arrives. */
  release(): void {
    this.#holdsAnswersOnly = false;
    this.#letGo();
    this.#held = undefined;
  }

  /** Destroys every connection there is; new ones are served. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** New connections are closed at once. */
  refuse(): void {
    this.#refuses = true;
  }

  /** Ends `refuse()`. */
  allow(): void {
    this.#refuses = false;
  }

  /** Every piece of data is late by this much, in both directions; 0 ends that. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.cut();
    this.release();
    await once(this.#server, 'close');
    await rm(this.#directory, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #serve(client: Socket): Promise<void> {
    this.#accepted++;
    this.#add(client);
    if (this.#refuses) client.destroy();
    await this.#held;
    if (client.destroyed) return;
    const server = connect({ ...this.#target, allowHalfOpen: true });
    this.#add(server);
    server.on('close', () => client.destroy());
    client.on('close', () => server.destroy());
    await Promise.allSettled([
      this.#pump(client, server, 'questions'),
      this.#pump(server, client, 'answers'),
    ]);
  }

  /** Reads ahead no more than the stream's own buffer, and hands on the end of one direction alone. */
  async #pump(from: Socket, to: Socket, what: 'questions' | 'answers'): Promise<void> {
    for await (const piece of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      if (this.#delayMs > 0) await sleep(this.#delayMs);
      if (what === 'answers' || !this.#holdsAnswersOnly) await this.#held;
      if (!to.write(piece)) await once(to, 'drain');
    }
    to.end();
  }

  #add(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
