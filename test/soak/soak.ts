// A soak: one daemon, its database, traffic at a steady rate, edits, and disturbances from a schedule, for as long as it
// is told. Every few seconds a sample is taken; what must never be is collected as problems.
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../support/random.js';
import { type EditCounts, type EditorOptions, keepEditing } from './editors.js';
import { ADMIN_ORGS, SQL_ORGS } from './orgs.js';
import { type Sample, takeSample } from './sample.js';
import type { Disturbance, Scheduled } from './schedule.js';
import { SoakStage, type StageOptions } from './soak-stage.js';
import { answersOf } from './traffic-figures.js';

export interface SoakOptions extends StageOptions {
  readonly durationMs: number;
  readonly sampleEveryMs: number;
  readonly schedule: readonly Scheduled[];
  /** Decides which orgs are edited when. */
  readonly seed: number;
  /** Ends it early, in order. */
  readonly signal: AbortSignal;
  readonly onSample?: (sample: Sample) => void;
  readonly onDisturbance?: (atMs: number, name: string) => void;
}

export interface SoakResult {
  readonly ranMs: number;
  readonly samples: readonly Sample[];
  /** How often each was done. */
  readonly disturbances: Readonly<Record<string, number>>;
  readonly edits: { readonly sql: EditCounts; readonly admin: EditCounts };
  /** What must never be. */
  readonly problems: readonly string[];
}

/** How long it may take at the end until every edit was heard of, the longest pause between two attempts included. */
const HEAR_ALL_MS = 60_000;
const LOOK_AGAIN_MS = 500;

export async function soak(options: SoakOptions): Promise<SoakResult> {
  await using stage = await SoakStage.open(options);
  // Awaited here: the stage is closed when this returns.
  return await new Soak(options, stage).run();
}

class Soak {
  readonly #options: SoakOptions;
  readonly #stage: SoakStage;
  readonly #startMs = performance.now();
  readonly #samples: Sample[] = [];
  readonly #disturbances: Record<string, number> = {};

  constructor(options: SoakOptions, stage: SoakStage) {
    this.#options = options;
    this.#stage = stage;
  }

  async run(): Promise<SoakResult> {
    const { durationMs, seed, signal } = this.#options;
    const { routes, admin, traffic } = this.#stage;
    const [over, failed] = [new AbortController(), new AbortController()];
    const isOver = AbortSignal.any([signal, over.signal]);
    const isToEnd = AbortSignal.any([signal, failed.signal]);
    const tell: EditorOptions['tell'] = (edit) => traffic.tell({ kind: 'edited', ...edit });
    const running = Promise.all([
      keepEditing({
        ...{ orgIds: SQL_ORGS, random: new Random(seed), tell, signal: isOver },
        edit: async (orgId) => ({ orgId, version: await routes.edit(orgId) }),
      }),
      keepEditing({
        ...{ orgIds: ADMIN_ORGS, random: new Random(seed + 1), tell, signal: isOver },
        edit: (orgId) => admin.edit(orgId),
      }),
      this.#keepSampling(isOver),
    ]);
    running.catch(() => {
      failed.abort();
    });
    try {
      await Promise.all([
        this.#until(durationMs, isToEnd),
        this.#play(['database killed', 'database paused'], isToEnd),
        this.#play(['daemon killed'], isToEnd),
        this.#play(['abuse'], isToEnd),
      ]);
    } finally {
      over.abort();
    }
    const [sql, adminEdits] = await running;
    const ranMs = this.#nowMs();
    const problems = await this.#end();
    return {
      ...{ ranMs, samples: this.#samples, disturbances: this.#disturbances },
      edits: { sql, admin: adminEdits },
      problems,
    };
  }

  /** Lets the edits be heard of and the requests be answered, and ends the daemon; resolves with all problems. */
  async #end(): Promise<string[]> {
    const { traffic, daemon } = this.#stage;
    const problems: string[] = [];
    const giveUpMs = this.#nowMs() + HEAR_ALL_MS;
    for (;;) {
      const { unheard } = (await this.#sample()).traffic;
      if (unheard === 0) break;
      if (this.#nowMs() > giveUpMs) {
        problems.push(`the edits of ${unheard} orgs were never decided by`);
        break;
      }
      await sleep(LOOK_AGAIN_MS);
    }
    const last = await traffic.finish();
    const all = [...this.#samples.map((sample) => sample.traffic), last];
    const sent = all.reduce((sum, figures) => sum + figures.sent, 0);
    const answered = all.reduce((sum, figures) => sum + answersOf(figures), 0);
    if (sent !== answered) problems.push(`${sent} requests were sent, and ${answered} were answered`);
    const status = await daemon.stop();
    if (status === undefined) problems.push('the daemon has ended by itself');
    else if (status.code !== 0)
      problems.push(`told to end, the daemon did so with ${JSON.stringify(status)}`);
    return [...last.problems, ...problems];
  }

  /** All disturbances of some kinds, one after the other. */
  async #play(kinds: readonly Disturbance['what'][], signal: AbortSignal): Promise<void> {
    for (const disturbance of this.#options.schedule.filter(({ what }) => kinds.includes(what))) {
      await this.#until(disturbance.atMs, signal);
      if (signal.aborted) return;
      const name = disturbance.what === 'abuse' ? `abuse: ${disturbance.kind}` : disturbance.what;
      this.#disturbances[name] = (this.#disturbances[name] ?? 0) + 1;
      this.#options.onDisturbance?.(this.#nowMs(), name);
      await this.#stage.disturb(disturbance, signal);
    }
  }

  async #keepSampling(signal: AbortSignal): Promise<void> {
    const { sampleEveryMs } = this.#options;
    for (;;) {
      // One that takes long is not made up for.
      await this.#until((Math.floor(this.#nowMs() / sampleEveryMs) + 1) * sampleEveryMs, signal);
      if (signal.aborted) return;
      await this.#sample();
    }
  }

  async #sample(): Promise<Sample> {
    const { daemon, traffic } = this.#stage;
    const sample = await takeSample(daemon, await traffic.report(), this.#nowMs());
    this.#samples.push(sample);
    this.#options.onSample?.(sample);
    return sample;
  }

  #nowMs(): number {
    return performance.now() - this.#startMs;
  }

  async #until(atMs: number, signal: AbortSignal): Promise<void> {
    await sleep(Math.max(0, atMs - this.#nowMs()), undefined, { signal }).catch(() => undefined);
  }
}
