// The decision log of `signalbox serve`: decisions in the file that `--decision-log` names.
import type { Daemon } from '../control/daemon.js';
import { DecisionLog } from '../control/decision-log.js';
import type { Log } from '../log.js';

export interface DecisionLogSettings {
  readonly decisionLog?: string;
  readonly decisionLogSample: number;
}

export interface Recording {
  /** Goes on in a new file, where the old one was moved away. */
  readonly reopen: () => void;
  readonly close: () => Promise<void>;
}

/**
 * Opens the log before the daemon starts; call what it returns with the daemon to begin.
 *
 * @throws SignalboxError `configuration` if the file can't be written.
 */
export function decisionRecorder(
  { decisionLog: path, decisionLogSample: sample }: DecisionLogSettings,
  log: Log,
): (daemon: Daemon) => Recording | undefined {
  if (path === undefined) return () => undefined;
  const output = new DecisionLog(path, log);
  return (daemon) => {
    const end = daemon.tap({ kind: 'decision_log', sample, take: (decisions) => output.write(decisions) });
    return {
      reopen: () => {
        output.reopen();
      },
      close: () => {
        end();
        return output.close();
      },
    };
  };
}
