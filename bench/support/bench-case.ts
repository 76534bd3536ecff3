// What a bench case is. Each is a file under bench/cases/, named for what it claims, that exports one `bench`; the
// file's path is the case's name, and adding a case is adding such a file. See bench/cases/codec/ for one that
// measures code, and bench/cases/socket/ for one that puts load on a daemon.
import type { Figure } from './figure.js';

export interface BenchCase {
  /** What its figures mean, in a sentence. */
  readonly about: string;
  /** The names of its figures, in the table's order; what README may name is `case/figure`. */
  readonly figures: readonly string[];
  /** Whether its figures belong into README's table. */
  readonly isInReadme?: boolean;
  run(context: BenchContext): Promise<readonly Figure[]>;
}

export interface BenchContext {
  readonly settings: BenchSettings;
  /** Ends the measurement early; whatever is under way throws. */
  readonly signal: AbortSignal;
  /** A directory of the case's own, removed with all that is in it when the case is over. */
  readonly directory: string;
  /** The compiled file of the case, for those that measure in processes of their own. */
  readonly file: string;
  /** Says what is being measured now. */
  readonly say: (what: string) => void;
  /** Runs when the case is over, however it ends; last in, first out. */
  readonly defer: (cleanup: () => unknown) => void;
}

/** How long everything takes; part of every saved result. */
export interface BenchSettings {
  readonly isQuick: boolean;
  /** Subjects take turns, round by round. A figure is the median over the rounds. */
  readonly rounds: number;
  /** Time in which one figure of code is measured in one round, and that before it. */
  readonly codeMs: number;
  readonly codeWarmupMs: number;
  /** The same for one load on a socket. */
  readonly loadSeconds: number;
  readonly loadWarmupSeconds: number;
  readonly connections: number;
  /** Starts of a daemon, and commits to a database, that are measured. */
  readonly starts: number;
  readonly commits: number;
  /** Orgs in the cases with many. */
  readonly orgs: number;
}

export const NORMAL: BenchSettings = {
  isQuick: false,
  rounds: 3,
  codeMs: 200,
  codeWarmupMs: 100,
  loadSeconds: 1.2,
  loadWarmupSeconds: 0.3,
  connections: 16,
  starts: 10,
  commits: 100,
  orgs: 100_000,
};

/** To see that everything runs; its figures are too short to be believed. */
export const QUICK: BenchSettings = {
  ...NORMAL,
  isQuick: true,
  rounds: 1,
  codeMs: 40,
  codeWarmupMs: 20,
  loadSeconds: 0.3,
  loadWarmupSeconds: 0.1,
  starts: 2,
  commits: 10,
  orgs: 2000,
};
