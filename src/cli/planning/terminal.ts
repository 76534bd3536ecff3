// The person at the terminal, who may be asked; on standard error, for standard output may go elsewhere.
import { createInterface } from 'node:readline/promises';

export interface Terminal {
  /** Whether somebody can be asked. */
  readonly isInteractive: boolean;
  /** Only the full word is a yes. */
  confirm(question: string): Promise<boolean>;
}

export const processTerminal: Terminal = {
  get isInteractive() {
    return process.stdin.isTTY && process.stderr.isTTY;
  },
  async confirm(question) {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    // At the end of input, or Ctrl-C, nothing is answered, which is no yes.
    const ended = new AbortController();
    lines.once('close', () => ended.abort());
    try {
      const answer = await lines.question(`${question} Only "yes" is accepted: `, { signal: ended.signal });
      return answer.trim() === 'yes';
    } catch (error) {
      if (!ended.signal.aborted) throw error;
      process.stderr.write('\n');
      return false;
    } finally {
      lines.close();
    }
  },
};
