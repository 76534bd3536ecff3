// What goes wrong at the moment, outside of the code under test. It changes all the while, and clears up at the end.
import type { Random } from '../support/random.js';

export interface Weather {
  /** How long the store takes for an answer, without what else goes wrong. */
  fastestMs: number;
  slowestMs: number;
  /** The part of reads that end with an error, or never. */
  readErrors: number;
  readHangs: number;
  feedErrors: number;
  feedHangs: number;
  /** Reads come from a replica that is this far behind. */
  replicaLagMs: number;
}

const FAIR: Weather = {
  fastestMs: 0.2,
  slowestMs: 3,
  readErrors: 0,
  readHangs: 0,
  feedErrors: 0,
  feedHangs: 0,
  replicaLagMs: 0,
};

export function fairWeather(): Weather {
  return { ...FAIR };
}

/** One thing, or a few, or nothing at all. */
export function changeWeather(weather: Weather, random: Random): void {
  Object.assign(weather, FAIR);
  if (random.chance(0.3)) return;
  const ills: readonly (() => Partial<Weather>)[] = [
    () => ({ slowestMs: random.pick([20, 100, 500, 3000]) }),
    () => ({ fastestMs: 10, slowestMs: 60 }),
    () => ({ readErrors: random.pick([0.1, 0.5, 1]) }),
    () => ({ readHangs: random.pick([0.1, 0.5, 1]) }),
    () => ({ readErrors: 1, feedErrors: 1 }),
    () => ({ feedErrors: 1 }),
    () => ({ feedHangs: 0.5 }),
    () => ({ replicaLagMs: random.pick([5, 50, 500]) }),
  ];
  for (let count = 1 + random.below(2); count > 0; count -= 1) Object.assign(weather, random.pick(ills)());
}
