// A route file in a directory of its own, and the store on it, for the tests of the file store.
import { mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogFields, LogLevel } from '../../src/log.js';
import { FileStore } from '../../src/store/file-store.js';
import { StoreUnderTest } from './store-under-test.js';

export interface LoggedLine {
  readonly level: LogLevel;
  readonly event: string;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

export class RouteFileFixture extends StoreUnderTest {
  readonly logs: LoggedLine[] = [];
  readonly #stores: FileStore[] = [];

  private constructor(
    readonly directory: string,
    readonly path: string,
  ) {
    super(() => {
      const store = this.#stores.at(-1);
      if (store === undefined) throw new Error('no store was opened');
      return store;
    });
  }

  /** Writes the file and opens nothing. */
  static async create(text: string, fileName = 'routes.yaml'): Promise<RouteFileFixture> {
    const directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
    const fixture = new RouteFileFixture(directory, join(directory, fileName));
    await fixture.write(text);
    return fixture;
  }

  /** Writes the file and opens a store on it. */
  static async open(text: string, fileName?: string): Promise<RouteFileFixture> {
    const fixture = await RouteFileFixture.create(text, fileName);
    try {
      await fixture.reopen();
    } catch (error) {
      await fixture[Symbol.asyncDispose]();
      throw error;
    }
    return fixture;
  }

  /** Opens a store, one more if there is one; it is the one under test from now on. */
  async reopen(path = this.path): Promise<FileStore> {
    const store = await FileStore.open(path, (level, event, message, fields) => {
      this.logs.push({ level, event, message, fields });
    });
    this.#stores.push(store);
    return store;
  }

  /** Writes into the file that is there. */
  write(text: string): Promise<void> {
    return writeFile(this.path, text);
  }

  /** Puts another file in its place, as editors do it. */
  async replace(text: string): Promise<void> {
    const temporary = join(this.directory, 'another');
    await writeFile(temporary, text);
    await rename(temporary, this.path);
  }

  text(): Promise<string> {
    return readFile(this.path, 'utf8');
  }

  /** Everything in its directory. */
  async files(): Promise<string[]> {
    return (await readdir(this.directory)).sort();
  }

  logged(event: string): LoggedLine[] {
    return this.logs.filter((line) => line.event === event);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const store of this.#stores) await store.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}
