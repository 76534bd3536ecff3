// What the workers say to the main thread, and who it is for.
import type { Log } from '../../log.js';
import type { FromWorker } from '../../worker/thread-messages.js';
import type { Broadcast } from './broadcast.js';
import type { DataPlaneFigures } from './data-plane-figures.js';
import type { DecisionTaps } from '../decision-taps.js';
import type { Publisher } from '../publisher.js';
import type { WorkerRoll } from './worker-roll.js';

export interface WorkerInboxParts {
  readonly roll: WorkerRoll;
  readonly broadcast: Pick<Broadcast, 'welcome'>;
  readonly figures: DataPlaneFigures;
  readonly taps: DecisionTaps;
  readonly log: Log;
}

export class WorkerInbox {
  readonly #parts: WorkerInboxParts;
  #publisher: Pick<Publisher, 'need' | 'refresh'> | undefined;

  constructor(parts: WorkerInboxParts) {
    this.#parts = parts;
  }

  /** Who answers for tables: nobody asks for one before there are connections. */
  attach(publisher: Pick<Publisher, 'need' | 'refresh'>): void {
    this.#publisher = publisher;
  }

  readonly receive = (message: FromWorker): void => {
    const { roll, broadcast, figures, taps, log } = this.#parts;
    switch (message.type) {
      case 'ready':
        figures.add(message.threadId, message.figures);
        roll.ready(message.threadId);
        log('debug', 'worker.ready', `worker ${message.threadId} hears broadcasts`);
        broadcast.welcome();
        taps.welcome();
        break;
      case 'synced':
      case 'counted':
        roll.heard(message);
        break;
      case 'tapped':
        taps.receive(message.tapped, message.dropped);
        break;
      case 'need':
        void this.#publisher?.need(message.orgId, message.minRevision);
        break;
      case 'refresh':
        void this.#publisher?.refresh(message.orgId);
        break;
      case 'defect':
        log('error', 'worker.defect', message.message, { stack: message.stack });
        break;
    }
  };
}
