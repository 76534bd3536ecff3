// `file:PATH` — routes in a YAML file, reloaded when it changes. An edit with an error is refused whole and the last
// good routes stay in force; so do they when the file disappears. Writes go through the file too, replace it
// atomically and keep its comments. Runs on the main thread; the file is read whole, so it is meant for thousands of
// routes, not millions.
import { randomUUID } from 'node:crypto';
import { type Log } from '../log.js';
import { SignalboxError, messageOf, systemCode } from '../errors.js';
import type { Route, RouteDraft } from '../routing/route.js';
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
import type { RouteFile } from './route-file.js';
import {
  type EditedFile,
  appendRoute,
  changeRoute,
  pauseRoute,
  removeRoute,
  setRoutes,
} from './route-file-edits.js';
import { FileChanged, type LoadedFile, RouteFileOnDisk } from './route-file-on-disk.js';
import type { Changes, OrgRoutes, PlacedRoute, RouteStore, StoredRoute, Updated } from './route-store.js';

/** An edit is made anew when somebody else's came in between, this often. */
const EDIT_ATTEMPTS = 5;

export class FileStore implements RouteStore {
  readonly #path: string;
  readonly #disk: RouteFileOnDisk;
  readonly #log: Log;
  readonly #orgs = new Map<string, OrgRecord>();
  readonly #changes = new ChangeLog();
  #watcher: FileWatcher | undefined;
  /** Loads and writes happen one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(path: string, log: Log) {
    this.#path = path;
    this.#disk = new RouteFileOnDisk(path);
    this.#log = log;
  }

  /** @throws SignalboxError `configuration`, with every problem's line, if the file can't be read or has errors. */
  static async open(path: string, log: Log): Promise<FileStore> {
    const store = new FileStore(path, log);
    const seen = await fileState(path);
    store.#adopt(await store.#disk.read('configuration'));
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
      this.#adopt(await this.#disk.read('refused'));
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
      try {
        const loaded = await this.#disk.readForEdit();
        this.#adopt(loaded);
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

  async #write(edited: EditedFile): Promise<void> {
    this.#adopt(await this.#disk.write(edited));
  }

  /** False: the file is there and could not be read, for a reason that passes. */
  async #reload(): Promise<boolean> {
    try {
      this.#adopt(await this.#disk.read('store_unavailable'));
    } catch (error) {
      this.#log('error', 'routes.refused', `the last good routes stay in force: ${messageOf(error)}`, {
        file: this.#path,
      });
      const code = error instanceof SignalboxError ? systemCode(error.cause) : undefined;
      return code === undefined || code === 'ENOENT';
    }
    return true;
  }

  /**
   * Revisions are the time of modification in milliseconds, so that they agree between daemons on the same file and
   * go on growing over a restart; where that isn't more than before, one more than before.
   */
  #adopt({ file, modifiedMs }: LoadedFile): void {
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
