// A route file on the disk, where others write it too: read whole and checked, looked at for an edit only once it is at
// rest, and replaced atomically unless somebody else has changed it since it was read.
import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignalboxError, messageOf, systemCode } from '../errors.js';
import { writeFileAtomically } from './atomic-file.js';
import { fileState } from './file-watcher.js';
import type { EditedFile } from './route-file-edits.js';
import { type RouteFile, formatProblem, parseRouteFile } from './route-file.js';

/** Parsing is on the main thread; beyond this a file is a mistake or a matter for MySQL. */
const FILE_BYTES_MAX = 16 * 1024 * 1024;

/** Problems of one file that are told; the rest are counted. */
const PROBLEMS_TOLD_MAX = 100;

/** A file that was changed less long ago may still be being written. */
const REST_MS = 50;

/** A file that is never at rest must not keep everybody waiting who wants it, reloads and the end of the daemon too. */
const RESTS_WAITED_FOR = 10;

/** Somebody else has changed the file since it was read. */
export class FileChanged extends Error {}

export interface LoadedFile {
  readonly file: RouteFile;
  readonly modifiedMs: number;
}

export class RouteFileOnDisk {
  readonly path: string;
  /** What the file was when it was last read for an edit, and when it was last written here. */
  #editedState = '';
  #writtenState = '';

  constructor(path: string) {
    this.path = path;
  }

  /** @throws SignalboxError with that code if it can't be read or has errors: every problem with its line. */
  async read(code: 'configuration' | 'store_unavailable' | 'refused'): Promise<LoadedFile> {
    let text: string;
    let modifiedMs: number;
    try {
      const { size, mtimeMs } = await stat(this.path);
      if (size > FILE_BYTES_MAX) throw new Error(`it is larger than ${FILE_BYTES_MAX} bytes`);
      modifiedMs = Math.floor(mtimeMs);
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      const reason = systemCode(error) === 'ENOENT' ? 'there is no such file' : messageOf(error);
      throw new SignalboxError(code, `cannot read the route file ${this.path}: ${reason}`, { cause: error });
    }
    const parsed = parseRouteFile(text);
    if (parsed.ok) return { file: parsed.file, modifiedMs };
    const told = parsed.problems
      .slice(0, PROBLEMS_TOLD_MAX)
      .map((problem) => formatProblem(this.path, problem));
    const left = parsed.problems.length - told.length;
    if (left > 0) told.push(`and ${left} more: signalbox check ${this.path} tells all of them`);
    throw new SignalboxError(code, `the route file has errors\n${told.join('\n')}`);
  }

  /** What an edit starts from. @throws FileChanged if it goes on changing; SignalboxError `store_unavailable` */
  async readForEdit(): Promise<LoadedFile> {
    this.#editedState = await this.#atRest();
    return this.read('store_unavailable');
  }

  /**
   * Replaces what `readForEdit` gave.
   *
   * @throws FileChanged if it isn't that any more; SignalboxError `store_unavailable` if it can't be written.
   */
  async write({ text, file }: EditedFile): Promise<LoadedFile> {
    try {
      await writeFileAtomically(this.path, text, async () => {
        if ((await fileState(this.path)) !== this.#editedState) throw new FileChanged();
      });
      const modifiedMs = Math.floor((await stat(this.path)).mtimeMs);
      this.#writtenState = await fileState(this.path);
      return { file, modifiedMs };
    } catch (error) {
      if (error instanceof FileChanged) throw error;
      throw new SignalboxError('store_unavailable', `cannot write ${this.path}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Resolves with the file's state once it has been the same for a moment. @throws FileChanged if it never is. */
  async #atRest(): Promise<string> {
    for (let waits = 0; waits <= RESTS_WAITED_FOR; waits += 1) {
      const state = await fileState(this.path);
      const { mtimeMs } = await stat(this.path).catch(() => ({ mtimeMs: -Infinity }));
      const youngMs = REST_MS - (Date.now() - mtimeMs);
      if (state === this.#writtenState || youngMs <= 0 || youngMs > REST_MS) return state;
      await sleep(youngMs);
    }
    throw new FileChanged();
  }
}
