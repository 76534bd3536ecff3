// `file:PATH` — routes in a YAML file, reloaded when it changes. An edit with an error is refused whole and the last
// good routes stay in force; so do they when the file disappears. Writes go through the file too, replace it
// atomically and keep its comments. Runs on the main thread; the file is read whole, so it is meant for thousands of
// routes, not millions.
import { readFile, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Log } from '../log.js';
import { SignalboxError, messageOf, systemCode } from '../errors.js';
import type { Route, RouteDraft } from '../routing/route.js';
import { writeFileAtomically } from './atomic-file.js';
import { ChangeLog } from './change-log.js';
import { withFileLock } from './file-lock.js';
import { FileWatcher, fileState } from './file-watcher.js';
import {
  type OrgRecord,
  UNKNOWN_ORG,
  assertOrgRevision,
  assertRevision,
  draftOf,
  listAll,
  listEnabled,
  placed,
  withRoutes,
} from './org-routes.js';
import { type RouteFile, formatProblem, parseRouteFile } from './route-file.js';
import {
  type EditedFile,
  appendRoute,
  changeRoute,
  pauseRoute,
  removeRoute,
  setRoutes,
} from './route-file-edits.js';
import type { Changes, OrgRoutes, PlacedRoute, RouteStore, StoredRoute, Updated } from './route-store.js';

/** Parsing is on the main thread; beyond this a file is a mistake or a matter for MySQL. */
const FILE_BYTES_MAX = 16 * 1024 * 1024;

/** Problems of one file that are told; the rest are counted. */
const PROBLEMS_TOLD_MAX = 100;

/** A file that was changed less long ago may still be being written. */
const REST_MS = 50;

/** An edit is made anew when somebody else's came in between, this often. */
const EDIT_ATTEMPTS = 5;

/** Somebody else has changed the file since it was read. */
class FileChanged extends Error {}

export class FileStore implements RouteStore {
  readonly #path: string;
  readonly #log: Log;
  readonly #orgs = new Map<string, OrgRecord>();
  readonly #changes = new ChangeLog(() => this.#orgs.keys());
  #watcher: FileWatcher | undefined;
  /** What the file was when the edit that is under way read it, and when this store wrote it last. */
  #editedState = '';
  #writtenState = '';
  /** Loads and writes happen one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
  }

  /** @throws SignalboxError `configuration`, with every problem's line, if the file can't be read or has errors. */
  static async open(path: string, log: Log): Promise<FileStore> {
    const store = new FileStore(path, log);
    const seen = await fileState(path);
    store.#adopt(await store.#read('configuration'));
    store.#watcher = new FileWatcher(path, seen, () => store.#inTurn(() => store.#reload()));
    return store;
  }

  async listForOrg(orgId: string): Promise<OrgRoutes> {
    return listEnabled(orgId, this.#org(orgId));
  }

  async listAllForOrg(orgId: string): Promise<OrgRoutes> {
    return listAll(orgId, this.#org(orgId));
  }

  async getRoute(orgId: string, routeId: string): Promise<StoredRoute | undefined> {
    return this.#route(orgId, routeId);
  }

  createRoute(orgId: string, draft: RouteDraft): Promise<StoredRoute> {
    return this.#edit(async (file) => {
      const id = randomUUID();
      await this.#write(appendRoute(file, orgId, { id, paused: false, ...draftOf(draft) }));
      return this.#written(orgId, id);
    });
  }

  updateRoute(
    orgId: string,
    routeId: string,
    draft: RouteDraft,
    revision: number,
  ): Promise<Updated | undefined> {
    return this.#edit(async (file) => {
      const route = this.#route(orgId, routeId);
      if (route === undefined) return undefined;
      assertRevision(route, revision);
      const edited = changeRoute(file, orgId, route, draft);
      if (edited !== undefined) await this.#write(edited);
      const written = this.#written(orgId, routeId);
      return { route: written, changed: written !== route };
    });
  }

  deleteRoute(orgId: string, routeId: string, revision: number): Promise<boolean> {
    return this.#edit(async (file) => {
      const route = this.#route(orgId, routeId);
      if (route === undefined) return false;
      assertRevision(route, revision);
      await this.#write(removeRoute(file, orgId, routeId));
      return true;
    });
  }

  pauseRoute(orgId: string, routeId: string, paused: boolean): Promise<Updated | undefined> {
    return this.#edit(async (file) => {
      const route = this.#route(orgId, routeId);
      if (route === undefined) return undefined;
      if (route.paused !== paused) await this.#write(pauseRoute(file, orgId, route, paused));
      const written = this.#written(orgId, routeId);
      return { route: written, changed: written !== route };
    });
  }

  replaceRoutes(
    orgId: string,
    routes: readonly PlacedRoute[],
    revision: number | undefined,
  ): Promise<OrgRoutes> {
    return this.#edit(async (file) => {
      assertOrgRevision(orgId, this.#org(orgId).revision, revision);
      await this.#write(setRoutes(file, orgId, placed(routes)));
      return listAll(orgId, this.#org(orgId));
    });
  }

  /** A file has no past; whoever wants one keeps it under version control. */
  get history(): undefined {
    return undefined;
  }

  async changedSince(cursor: string | undefined): Promise<Changes> {
    return this.#changes.since(cursor);
  }

  reload(): Promise<void> {
    return this.#inTurn(async () => {
      this.#adopt(await this.#read('refused'));
    });
  }

  async close(): Promise<void> {
    this.#watcher?.close();
    await this.#turn;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Works on the file as it is now, somebody else's edits of a moment ago included. */
  #edit<T>(work: (file: RouteFile) => Promise<T>): Promise<T> {
    return this.#inTurn(() => withFileLock(this.#path, () => this.#editLocked(work)));
  }

  async #editLocked<T>(work: (file: RouteFile) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      this.#editedState = await this.#atRest();
      const loaded = await this.#read('store_unavailable');
      this.#adopt(loaded);
      try {
        return await work(loaded.file);
      } catch (error) {
        if (!(error instanceof FileChanged)) throw error;
        if (attempt === EDIT_ATTEMPTS) {
          throw new SignalboxError('store_unavailable', `${this.#path} changes all the time`, {
            cause: error,
          });
        }
      }
    }
  }

  /** Resolves with the file's state once it has been the same for a moment. */
  async #atRest(): Promise<string> {
    for (;;) {
      const state = await fileState(this.#path);
      const { mtimeMs } = await stat(this.#path).catch(() => ({ mtimeMs: -Infinity }));
      const youngMs = REST_MS - (Date.now() - mtimeMs);
      if (state === this.#writtenState || youngMs <= 0 || youngMs > REST_MS) return state;
      await sleep(youngMs);
    }
  }

  async #write({ text, file }: EditedFile): Promise<void> {
    let modifiedMs: number;
    try {
      await writeFileAtomically(this.#path, text, async () => {
        if ((await fileState(this.#path)) !== this.#editedState) throw new FileChanged();
      });
      modifiedMs = Math.floor((await stat(this.#path)).mtimeMs);
      this.#writtenState = await fileState(this.#path);
    } catch (error) {
      if (error instanceof FileChanged) throw error;
      throw new SignalboxError('store_unavailable', `cannot write ${this.#path}: ${messageOf(error)}`, {
        cause: error,
      });
    }
    this.#adopt({ file, modifiedMs });
  }

  /** False: the file is there and could not be read, for a reason that passes. */
  async #reload(): Promise<boolean> {
    try {
      this.#adopt(await this.#read('store_unavailable'));
    } catch (error) {
      this.#log('error', 'routes.refused', `the last good routes stay in force: ${messageOf(error)}`, {
        file: this.#path,
      });
      const code = error instanceof SignalboxError ? systemCode(error.cause) : undefined;
      return code === undefined || code === 'ENOENT';
    }
    return true;
  }

  /** @throws SignalboxError with that code. */
  async #read(
    code: 'configuration' | 'store_unavailable' | 'refused',
  ): Promise<{ file: RouteFile; modifiedMs: number }> {
    let text: string;
    let modifiedMs: number;
    try {
      const { size, mtimeMs } = await stat(this.#path);
      if (size > FILE_BYTES_MAX) throw new Error(`it is larger than ${FILE_BYTES_MAX} bytes`);
      modifiedMs = Math.floor(mtimeMs);
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      const reason = systemCode(error) === 'ENOENT' ? 'there is no such file' : messageOf(error);
      throw new SignalboxError(code, `cannot read the route file ${this.#path}: ${reason}`, { cause: error });
    }
    const parsed = parseRouteFile(text);
    if (parsed.ok) return { file: parsed.file, modifiedMs };
    const told = parsed.problems
      .slice(0, PROBLEMS_TOLD_MAX)
      .map((problem) => formatProblem(this.#path, problem));
    const left = parsed.problems.length - told.length;
    if (left > 0) told.push(`and ${left} more: signalbox check ${this.#path} tells all of them`);
    throw new SignalboxError(code, `the route file has errors\n${told.join('\n')}`);
  }

  /**
   * Revisions are the time of modification in milliseconds, so that they agree between daemons on the same file and
   * go on growing over a restart; where that isn't more than before, one more than before.
   */
  #adopt({ file, modifiedMs }: { file: RouteFile; modifiedMs: number }): void {
    let changed = 0;
    let routeCount = 0;
    for (const orgId of new Set([...this.#orgs.keys(), ...file.orgs.keys()])) {
      const before = this.#org(orgId);
      const routes: readonly Route[] = file.orgs.get(orgId) ?? [];
      const after = withRoutes(before, routes, Math.max(before.revision + 1, modifiedMs));
      routeCount += routes.length;
      if (after === before) continue;
      this.#orgs.set(orgId, after);
      this.#changes.add(orgId);
      changed += 1;
    }
    if (changed === 0) return;
    this.#log('info', 'routes.loaded', `${routeCount} routes of ${file.orgs.size} orgs`, {
      file: this.#path,
      changedOrgs: changed,
    });
  }

  #org(orgId: string): OrgRecord {
    return this.#orgs.get(orgId) ?? UNKNOWN_ORG;
  }

  #route(orgId: string, routeId: string): StoredRoute | undefined {
    return this.#org(orgId).routes.find((route) => route.id === routeId);
  }

  #written(orgId: string, routeId: string): StoredRoute {
    const route = this.#route(orgId, routeId);
    if (route === undefined)
      throw new SignalboxError('internal', `route ${routeId} is not in the file it was written to`);
    return route;
  }
}
