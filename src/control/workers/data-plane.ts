// The workers as the rest of the daemon meets them: the threads, what they are told, what they say and what they count.
// It needs neither store nor cache, so it is started first: threads take longer to be there than a store to be opened.
import { OPEN_ACCESS } from '../access/access-policy.js';
import { Broadcast } from './broadcast.js';
import type { DaemonOptions } from '../daemon-options.js';
import { DataPlaneFigures } from './data-plane-figures.js';
import { DecisionTaps } from '../decision-taps.js';
import type { GrantedOrgs, WorkerSettings } from '../../worker/thread-messages.js';
import { WorkerInbox } from './worker-inbox.js';
import { WorkerPool } from './worker-pool.js';
import { WorkerRoll } from './worker-roll.js';

export type DataPlaneOptions = Omit<DaemonOptions, 'store'>;

export class DataPlane {
  readonly broadcast = new Broadcast();
  readonly roll = new WorkerRoll(this.broadcast.send);
  readonly figures = new DataPlaneFigures();
  readonly taps: DecisionTaps;
  readonly inbox: WorkerInbox;
  readonly pool: WorkerPool;
  /** Every worker that starts is given these as they are then. */
  readonly #settings: { -readonly [Name in keyof WorkerSettings]: WorkerSettings[Name] };
  #onStopped: (orgId: string) => void = () => undefined;

  /** Starts the threads. */
  constructor(options: DataPlaneOptions) {
    const { clock, log, workers, access = OPEN_ACCESS } = options;
    const { broadcast, roll, figures } = this;
    this.taps = new DecisionTaps(broadcast.send, clock, Math.random);
    this.inbox = new WorkerInbox({ roll, broadcast, figures, taps: this.taps, log });
    this.#settings = {
      channel: broadcast.channelName,
      version: options.version,
      resolveTimeoutMs: options.resolveTimeoutMs,
      maxFrameBytes: options.maxFrameBytes,
      grantedOrgs: access.grantedOrgs,
    };
    this.pool = new WorkerPool({
      workers,
      settings: this.#settings,
      clock,
      log,
      onMessage: this.inbox.receive,
      onStopped: (orgId) => {
        this.#onStopped(orgId);
      },
      onHopeless: options.onHopeless,
      entry: options.workerEntry,
    });
  }

  /** What clients may ask for who may not ask for every org, from now on. */
  grant(grantedOrgs: GrantedOrgs): void {
    this.#settings.grantedOrgs = grantedOrgs;
    this.broadcast.sendForGood({ type: 'grant', grantedOrgs });
  }

  /** Whom to tell that a worker has hung or died while it decided for an org. */
  whenStopped(listener: (orgId: string) => void): void {
    this.#onStopped = listener;
  }

  /** Ends every worker now. */
  async destroy(): Promise<void> {
    await this.pool.destroy();
    this.broadcast.close();
  }
}
