// The last good routes on disk: that a daemon without its store serves from them, and that a file which is not whole
// is never believed.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import {
  type SnapshotLine,
  type SnapshotOrg,
  previousGeneration,
  readSnapshot,
  writeSnapshot,
} from '../../../src/control/snapshot/snapshot-file.js';
import { SnapshotKeeper } from '../../../src/control/snapshot/snapshot-keeper.js';
import { silentLog } from '../../../src/log.js';
import { FileStore } from '../../../src/store/file-store.js';
import { isOlder } from '../../../src/store/org-routes.js';
import type { OrgRoutes } from '../../../src/store/route-store.js';
import { linesOf } from '../../support/snapshot-lines.js';
import { startLocalDaemon } from '../../support/local-daemon.js';
import { org, route } from '../../support/routes.js';
import { ScriptedStore } from '../../support/scripted-store.js';
import { waitFor } from '../../support/wait-for.js';
import { WireClient } from '../../support/wire-client.js';

let directory: string;
let path: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
});

after(async () => {
  await rm(directory, { recursive: true, force: true });
});

let files = 0;
beforeEach(() => {
  files += 1;
  path = join(directory, `snapshot-${files}`);
});

function orgs(count: number): SnapshotOrg[] {
  return Array.from({ length: count }, (_, index) => ({
    readAtMs: 1_700_000_000_000 + index,
    routes: {
      orgId: org(index),
      revision: index + 1,
      routes: [{ ...route('ümläut 🚦'), revision: 1 }],
    },
  }));
}

function keeper(lines: string[], lineage?: string): SnapshotKeeper {
  return new SnapshotKeeper({
    clock: () => 0,
    path,
    lineage,
    orgs: () => linesOf(orgs(1)),
    log: (_level, event) => lines.push(event),
  });
}

describe('a snapshot file', () => {
  it('gives back what was written, of no org as of many', async () => {
    for (const count of [0, 1, 199, 200, 201, 1000]) {
      const written = orgs(count);
      assert.equal(await writeSnapshot(path, linesOf(written)), count);
      assert.deepEqual(await readSnapshot(path), written);
    }
    assert.deepEqual(
      (await readdir(directory)).filter((name) => name.endsWith('.tmp')),
      [],
    );
  });

  it('gives back texts with whatever else ends a line somewhere', async () => {
    const texts = ['\n', '\r', '\r\n', '\u0085', '\u2028', '\u2029', '\v', '\f'];
    const written = orgs(1).map((kept) => ({
      ...kept,
      routes: { ...kept.routes, routes: texts.map((text) => ({ ...route(`a${text}b`), revision: 1 })) },
    }));
    await writeSnapshot(path, linesOf(written));
    assert.deepEqual(await readSnapshot(path), written);
  });

  it('keeps the generation before, and is nobody else’s to read', async () => {
    await writeSnapshot(path, linesOf(orgs(1)));
    await writeSnapshot(path, linesOf(orgs(2)));
    assert.equal((await readSnapshot(path)).length, 2);
    assert.equal((await readSnapshot(previousGeneration(path))).length, 1);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  it('is refused whichever of its bytes has turned', async () => {
    await writeSnapshot(path, linesOf(orgs(2)));
    const good = await readFile(path);
    for (let at = 0; at < good.length; at += 1) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ 0x04;
      await writeFile(path, bad);
      await assert.rejects(readSnapshot(path), `the byte at ${at}`);
    }
  });

  it('is refused wherever it is cut off', async () => {
    await writeSnapshot(path, linesOf(orgs(2)));
    const good = await readFile(path);
    // Without its last line break it is whole still.
    for (let length = 0; length < good.length - 1; length += 1) {
      await writeFile(path, good.subarray(0, length));
      await assert.rejects(readSnapshot(path), `cut off at ${length}`);
    }
  });

  it('stays as it was when the next can’t be written', async () => {
    await mkdir(path);
    await assert.rejects(writeSnapshot(join(path, 'missing', 'file'), linesOf(orgs(1))));
    const file = join(path, 'file');
    await writeSnapshot(file, linesOf(orgs(1)));
    function* broken(): Iterable<SnapshotLine> {
      yield* linesOf(orgs(1));
      throw new Error('no more');
    }
    await assert.rejects(writeSnapshot(file, broken()), /no more/);
    assert.equal((await readSnapshot(file)).length, 1);
    assert.deepEqual(await readdir(path), ['file']);
  });
});

describe('a snapshot keeper', () => {
  it('finds nothing where nothing is, without a word', async () => {
    const lines: string[] = [];
    assert.deepEqual(await keeper(lines).load(), []);
    assert.deepEqual(lines, []);
  });

  it('takes the generation before when the newest is damaged, and says so', async () => {
    await writeSnapshot(path, linesOf(orgs(1)));
    await writeSnapshot(path, linesOf(orgs(2)));
    await writeFile(path, (await readFile(path)).subarray(0, 100));
    const lines: string[] = [];
    assert.equal((await keeper(lines).load()).length, 1);
    assert.deepEqual(lines, ['snapshot.rejected', 'snapshot.loaded']);
  });

  it('takes the generation before when a crash came between the renames', async () => {
    await writeSnapshot(path, linesOf(orgs(1)));
    await rename(path, previousGeneration(path));
    assert.equal((await keeper([]).load()).length, 1);
  });

  it('writes when it is closed what it has not written, and nothing if nothing has changed', async () => {
    const idle = keeper([]);
    await idle.close();
    await assert.rejects(stat(path));
    const busy = keeper([]);
    busy.note(true);
    await busy.close();
    assert.equal((await readSnapshot(path)).length, 1);
  });

  it('never writes twice at a time, however long a write takes', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const intervalMs = 5000;
    const lines: string[] = [];
    let onHalfWritten: () => void = () => undefined;
    const halfWritten = new Promise<void>((resolve) => (onHalfWritten = resolve));
    let writes = 0;
    function* slowly(): Iterable<SnapshotLine> {
      const all = linesOf(orgs(1000));
      yield* all.slice(0, 500);
      writes += 1;
      // While it is written something changes again, and the time of the next write comes.
      if (writes === 1) {
        slow.note(true);
        context.mock.timers.tick(intervalMs);
        onHalfWritten();
      }
      yield* all.slice(500);
    }
    const slow = new SnapshotKeeper({
      clock: () => 0,
      path,
      lineage: undefined,
      orgs: slowly,
      log: (_level, event) => lines.push(event),
    });
    slow.note(true);
    context.mock.timers.tick(intervalMs);
    await halfWritten;
    await slow.close();
    assert.equal(writes, 2);
    assert.deepEqual(lines, []);
    assert.equal((await readSnapshot(path)).length, 1000);
    assert.equal((await readSnapshot(previousGeneration(path))).length, 1000);
  });

  it('says once that it can’t write, and goes on', async () => {
    await mkdir(path);
    const lines: string[] = [];
    const stuck = new SnapshotKeeper({
      clock: () => 0,
      lineage: undefined,
      path: join(path, 'missing', 'file'),
      orgs: () => linesOf(orgs(1)),
      log: (_level, event) => lines.push(event),
    });
    stuck.note(true);
    await stuck.close();
    await stuck.close();
    assert.deepEqual(lines, ['snapshot.failing']);
  });
});

describe('the routes of a snapshot', () => {
  const older = { orgId: org(0), revision: 0, routes: [] };

  async function load(lineage: string | undefined): Promise<OrgRoutes | undefined> {
    const [loaded] = await keeper([], lineage).load();
    return loaded?.routes;
  }

  it('are newer than lower revisions of the store that they were read from', async () => {
    const writer = keeper([], 'this store');
    writer.note(true);
    await writer.close();
    const routes = await load('this store');
    assert.equal(routes && isOlder(older, routes), true);
  });

  it('are older than anything of another store, or of one that begins anew with each process', async () => {
    const writer = keeper([], 'that store');
    writer.note(true);
    await writer.close();
    for (const lineage of ['this store', undefined]) {
      const routes = await load(lineage);
      assert.deepEqual([routes?.revision, routes?.routes.length], [1, 1]);
      assert.equal(routes && isOlder(older, routes), false);
    }
  });

  it('are of the store that there is where an older version wrote them', async () => {
    await writeSnapshot(path, linesOf(orgs(1)));
    const routes = await load('this store');
    assert.equal(routes && isOlder(older, routes), true);
  });
});

describe('a daemon with a snapshot', { timeout: 60_000 }, () => {
  it('serves from it while the store is down, marked stale, and catches up by itself', async () => {
    const store = new ScriptedStore();
    store.setRoutes(org(1), [route('before')]);
    {
      await using local = await startLocalDaemon(store, { snapshotPath: path });
      const client = await WireClient.connect(local.socketPath);
      assert.equal((await client.call('resolve', { org_id: org(1), model: 'm' })).error, null);
      client.destroy();
      await local.daemon.close();
    }
    store.failure = new Error('the database is gone');
    await using local = await startLocalDaemon(store, { snapshotPath: path });
    const client = await WireClient.connect(local.socketPath);
    const first = await client.call('resolve', { org_id: org(1), model: 'm' });
    assert.equal(first.error, null);
    const { route: name, stale } = first.result as { route: string; stale: boolean };
    assert.deepEqual([name, stale], ['before', true]);
    const unknown = await client.call('resolve', { org_id: org(2), model: 'm' });
    assert.equal(unknown.error?.code, 'unavailable');

    store.setRoutes(org(1), [route('after')]);
    store.failure = undefined;
    await waitFor(async () => {
      const { result } = await client.call('resolve', { org_id: org(1), model: 'm' });
      const decision = result as { route: string; stale: boolean };
      return decision.route === 'after' && !decision.stale;
    }, 'the daemon to catch up');
    client.destroy();
  });

  it('prefers the store when it can be read', async () => {
    const store = new ScriptedStore();
    store.setRoutes(org(1), [route('old')]);
    {
      await using local = await startLocalDaemon(store, { snapshotPath: path });
      const client = await WireClient.connect(local.socketPath);
      await client.call('resolve', { org_id: org(1), model: 'm' });
      client.destroy();
      await local.daemon.close();
    }
    store.setRoutes(org(1), [route('new')]);
    await using local = await startLocalDaemon(store, { snapshotPath: path });
    const client = await WireClient.connect(local.socketPath);
    const { result } = await client.call('resolve', { org_id: org(1), model: 'm' });
    const { route: name, stale } = result as { route: string; stale: boolean };
    assert.deepEqual([name, stale], ['new', false]);
    client.destroy();
  });

  it('goes by the route file that it finds, though its time says that it is an older one', async () => {
    async function decide(store: FileStore): Promise<unknown> {
      await using local = await startLocalDaemon(store, { snapshotPath: path, storeUrl: 'file:routes.yaml' });
      const client = await WireClient.connect(local.socketPath);
      const answers: unknown[] = [];
      for (const orgId of [org(1), org(2)]) {
        const { result } = await client.call('resolve', { org_id: orgId, model: 'm' });
        const { route: name, stale } = result as { route: string | null; stale: boolean };
        answers.push([name, stale]);
      }
      client.destroy();
      await local.daemon.close();
      return answers;
    }
    const routeFile = join(directory, 'routes.yaml');
    const text = (orgId: string, name: string): string =>
      `  ${orgId}: [{ name: ${name}, then: { target_model: m } }]\n`;
    await writeFile(routeFile, `orgs:\n${text(org(1), 'before')}${text(org(2), 'gone')}`);
    const first = await decide(await FileStore.open(routeFile, silentLog));
    assert.deepEqual(first, [
      ['before', false],
      ['gone', false],
    ]);
    await writeFile(routeFile, `orgs:\n${text(org(1), 'after')}`);
    await utimes(routeFile, 1_000_000_000, 1_000_000_000);
    const second = await decide(await FileStore.open(routeFile, silentLog));
    assert.deepEqual(second, [
      ['after', false],
      [null, false],
    ]);
  });

  it('gives up what is older than the longest staleness, though a restart lies between', async () => {
    await writeSnapshot(path, linesOf(orgs(1)));
    const store = new ScriptedStore();
    store.failure = new Error('the database is gone');
    await using local = await startLocalDaemon(store, { snapshotPath: path });
    const client = await WireClient.connect(local.socketPath);
    const { error } = await client.call('resolve', { org_id: org(0), model: 'm' });
    assert.equal(error?.code, 'unavailable');
    client.destroy();
  });
});
