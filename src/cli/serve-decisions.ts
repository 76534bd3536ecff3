// The decision log of `signalbox serve`: decisions in the file that `--decision-log` names.
import type { Daemon } from '../control/daemon.js';
import { DecisionLog } from '../control/decision-log.js';
import type { Log } from '../log.js';

export interface DecisionLogSettings {
  readonly decisionLog?: string;
  readonly decisionLogSample: number;
}

export interface DecisionRecorder {
  /** Records what this daemon decides from now on. Call what it returns to end that. */
  readonly begin: (daemon: Daemon) => () => Promise<void>;
  /** Goes on in a new file, where the old one was moved away. */
  readonly reopen: () => void;
}

/**
 * Opens the log, before the daemon starts. Undefined: none is wanted.
 *
 * @throws SignalboxError `configuration` if the file can't be written.
 */
export function decisionRecorder(
  { decisionLog: path, decisionLogSample: sample }: DecisionLogSettings,
  log: Log,
): DecisionRecorder | undefined {
  if (path === undefined) return undefined;
  const output = new DecisionLog(path, log);
  return {
    begin: (daemon) => {
      const end = daemon.tap({ kind: 'decision_log', sample, take: (decisions) => output.write(decisions) });
      return () => {
        end();
        return output.close();
      };
    },
    reopen: () => {
      output.reopen();
    },
  };
}
