// When a soak disturbs what, all of it decided by the seed before it begins. Each kind of disturbance has its slots, of
// equal length, and happens somewhere in the first half of each: so any two stretches of the time are disturbed alike,
// and their figures can be compared.
import type { Random } from '../support/random.js';

export const ABUSES = ['garbage', 'too long', 'never reading', 'half a frame', 'connect storm'] as const;

export interface Abuse {
  readonly what: 'abuse';
  readonly kind: (typeof ABUSES)[number];
  readonly seed: number;
}

export interface Outage {
  readonly what: 'database killed' | 'database paused' | 'daemon killed';
  readonly forMs: number;
}

export type Disturbance = Outage | Abuse;

export type Scheduled = Disturbance & { readonly atMs: number };

/** The first part of a soak isn't compared with anything: daemons are killed in it, and the last one warms up. */
export const WARM_UP_PART = 1 / 6;

/** The part of the warm-up that the kills are in: after a snapshot was written, and before the last one is warm. */
const DAEMON_KILLS = 3;
const DAEMON_KILLS_FROM = 0.25;
const DAEMON_KILLS_TO = 0.75;

const DATABASE_SLOT_MS = 90_000;
const ABUSE_SLOT_MS = 15_000;

const OUTAGE_MS = { least: 1000, most: 20_000 };
const DAEMON_DOWN_MS = { least: 300, most: 2000 };

export function scheduleOf(random: Random, durationMs: number): Scheduled[] {
  const database = slots(random, durationMs, DATABASE_SLOT_MS, (slotMs): Outage => {
    // Over before the next one.
    const forMs = Math.min(random.between(OUTAGE_MS.least, OUTAGE_MS.most), slotMs / 2);
    return { what: random.chance(0.5) ? 'database killed' : 'database paused', forMs };
  });
  const abuses = slots(random, durationMs, ABUSE_SLOT_MS, (): Abuse => {
    return { what: 'abuse', kind: random.pick(ABUSES), seed: random.below(2 ** 32) };
  });
  const fromMs = durationMs * WARM_UP_PART * DAEMON_KILLS_FROM;
  const toMs = durationMs * WARM_UP_PART * DAEMON_KILLS_TO;
  const kills = slots(random, toMs - fromMs, (toMs - fromMs) / DAEMON_KILLS, (): Outage => {
    return { what: 'daemon killed', forMs: random.between(DAEMON_DOWN_MS.least, DAEMON_DOWN_MS.most) };
  }).map((kill) => ({ ...kill, atMs: fromMs + kill.atMs }));
  // One of them starts while the database is away.
  const outage = database.find(({ atMs }) => atMs >= fromMs && atMs < toMs);
  const [, second] = kills;
  if (outage !== undefined && second !== undefined) {
    kills[1] = { ...second, atMs: outage.atMs + outage.forMs / 4 };
  }
  return [...database, ...abuses, ...kills].sort((a, b) => a.atMs - b.atMs);
}

function slots<T extends Disturbance>(
  random: Random,
  durationMs: number,
  slotMs: number,
  make: (slotMs: number) => T,
): (T & { readonly atMs: number })[] {
  const count = Math.max(1, Math.round(durationMs / slotMs));
  const lengthMs = durationMs / count;
  return Array.from({ length: count }, (_, slot) => {
    const atMs = (slot + random.between(0, 0.5)) * lengthMs;
    return { ...make(lengthMs), atMs };
  });
}
