// How the daemon of one run is set and what comes over it, drawn from the seed: each run is another corner.
import type { Random } from '../support/random.js';

export interface Settings {
  readonly ttlMs: number;
  readonly maxStaleMs: number;
  readonly resolveTimeoutMs: number;
  readonly loadTimeoutMs: number;
  readonly patienceMs: number;
  readonly maxKnownOrgs: number;
  readonly maxUnknownOrgs: number;
  readonly workers: number;
  /** Orgs that the store knows, or will. */
  readonly orgs: number;
  /** How long things go wrong. */
  readonly stormMs: number;
  /** The mean time between two requests. */
  readonly requestEveryMs: number;
  readonly commitEveryMs: number;
  /** The mean time between two restores of the store to what it held before; Infinity: there is none. */
  readonly restoreEveryMs: number;
  /** The part of writes that come through the admin API, and of requests that name a revision. */
  readonly adminWrites: number;
  readonly revisionsWanted: number;
  /** No thread is ever busy for long, and none dies: known orgs must get a decision whatever the store does. */
  readonly areThreadsSteady: boolean;
  /** The daemon begins with a snapshot. */
  readonly hasSnapshot: boolean;
}

/** Changes come faster than a slow store answers, of orgs that make each other be forgotten, and whoever asks asks once. */
const HURRY = {
  ...{ workers: 1, orgs: 2, maxKnownOrgs: 1, resolveTimeoutMs: 200, patienceMs: 160 },
  ...{ commitEveryMs: 1.5, adminWrites: 1, revisionsWanted: 0, areThreadsSteady: true, stormMs: 1000 },
} as const satisfies Partial<Settings>;

export function drawSettings(random: Random): Settings {
  const ttlMs = random.pick([0, 40, 400, 2000]);
  const resolveTimeoutMs = random.pick([20, 50, 200]);
  const isHurry = random.chance(0.05);
  return {
    ttlMs,
    maxStaleMs: Math.max(ttlMs, random.pick([300, 3000, 86_400_000])),
    resolveTimeoutMs,
    loadTimeoutMs: random.pick([50, 300, 1000]),
    patienceMs: resolveTimeoutMs * random.pick([0.4, 0.8]),
    maxKnownOrgs: random.pick([1, 2, 50]),
    maxUnknownOrgs: random.pick([2, 50]),
    workers: 1 + random.below(3),
    orgs: 1 + random.below(4),
    stormMs: random.pick([200, 500, 1000]),
    requestEveryMs: random.pick([4, 12, 40]),
    commitEveryMs: random.pick([1.5, 4, 30, 200, 1000]),
    restoreEveryMs: random.pick([Infinity, Infinity, 100, 400]),
    adminWrites: random.pick([0.2, 0.2, 1]),
    revisionsWanted: random.pick([0.1, 0.1, 0.7]),
    areThreadsSteady: random.chance(0.5),
    hasSnapshot: random.chance(0.3),
    ...(isHurry ? HURRY : {}),
  };
}
