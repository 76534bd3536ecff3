// What becomes of a command whose output can't be written, which console.log passes over. A reader that has seen enough
// (`signalbox routes list | head`) is no failure, and no reason to leave a change half made. A full disk is one: a file
// that isn't whole must not look like one that is.
import { messageOf, systemCode } from '../../errors.js';

/** @param onFailed called once, for anything but a reader that has gone. */
export function watchOutput(
  outputs: readonly Pick<NodeJS.WriteStream, 'on'>[],
  onFailed: (message: string) => void,
): void {
  let hasFailed = false;
  const onError = (error: unknown): void => {
    if (hasFailed || systemCode(error) === 'EPIPE') return;
    hasFailed = true;
    onFailed(`the output can't be written: ${messageOf(error)}`);
  };
  for (const output of outputs) output.on('error', onError);
}
