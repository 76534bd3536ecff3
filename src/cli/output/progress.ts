// One line on standard error that says how far a long command is; nothing where nobody watches.

const CLEAR_LINE = '\r\u001b[K';

export interface Progress {
  /** Says that so many are done. */
  at(done: number): void;
  /** Takes the line away. */
  end(): void;
}

/** @param verb as in `planning 3 of 100 orgs`. */
export function startProgress(verb: string, total: number): Progress {
  const shown = process.stderr.isTTY && total > 1;
  return {
    at: (done) => {
      if (shown) process.stderr.write(`${CLEAR_LINE}${verb} ${done} of ${total} orgs`);
    },
    end: () => {
      if (shown) process.stderr.write(CLEAR_LINE);
    },
  };
}
