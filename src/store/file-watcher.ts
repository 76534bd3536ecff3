// Says when a file may have changed: edited in place, replaced by a rename (as editors do it), or reached through a
// symbolic link that now points elsewhere. Bursts of events become one call, made when the file has come to rest.
import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A file that is being written changes again within this; then its content isn't looked at yet. */
const REST_MS = 50;

/** Where the operating system can't tell (network file systems, no watches left), and if an event is lost. */
const POLL_MS = 2000;

export class FileWatcher {
  readonly #path: string;
  readonly #onChange: () => Promise<boolean>;
  readonly #poll: NodeJS.Timeout;
  #watcher: FSWatcher | undefined;
  #rest: NodeJS.Timeout | undefined;
  /** What was there when `onChange` was last called, and at the last look. */
  #seen: string;
  #lastLook: string;
  #closed = false;

  /**
   * @param seen the file's `fileState` when it was last read.
   * @param onChange false: the file could not be read, and is to be tried again.
   */
  constructor(path: string, seen: string, onChange: () => Promise<boolean>) {
    this.#path = path;
    this.#seen = this.#lastLook = seen;
    this.#onChange = onChange;
    this.#poll = setInterval(() => void this.#look(), POLL_MS);
    this.#startWatching();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#rest);
    this.#watcher?.close();
  }

  /** The directory is watched, not the file: a rename puts another file in its place. */
  #startWatching(): void {
    try {
      this.#watcher = watch(dirname(this.#path), () => {
        this.#wait();
      });
      this.#watcher.on('error', () => {
        // The directory is gone, say. Looking every few seconds goes on.
        this.#watcher?.close();
        this.#watcher = undefined;
      });
    } catch {
      this.#watcher = undefined;
    }
  }

  #wait(): void {
    if (this.#closed) return;
    this.#rest ??= setTimeout(() => {
      this.#rest = undefined;
      void this.#look();
    }, REST_MS);
  }

  async #look(): Promise<void> {
    const state = await fileState(this.#path);
    if (this.#closed || (state === this.#seen && state === this.#lastLook)) return;
    if (state !== this.#lastLook) {
      this.#lastLook = state;
      this.#wait();
      return;
    }
    this.#seen = state;
    // What could not be read, for want of a descriptor say, is looked at again.
    if (!(await this.#onChange())) this.#seen = 'unread';
  }
}

/** Differs whenever the file does; a missing file has a state too. */
export async function fileState(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(':');
  } catch {
    return 'missing';
  }
}
