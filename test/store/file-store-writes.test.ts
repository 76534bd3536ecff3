// How the file store writes: nothing is lost that others write, nothing is left behind, and what can't be written
// isn't pretended.
import assert from 'node:assert/strict';
import { utimesSync } from 'node:fs';
import { chmod, lstat, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { silentLog } from '../../src/log.js';
import { FileStore } from '../../src/store/file-store.js';
import { RouteFileFixture } from '../support/route-file-fixture.js';
import { draft, org } from '../support/routes.js';
import { assertConflict } from '../support/store-under-test.js';

const file = `orgs:
  ${org(1)}:
    - { name: a, then: { target_model: m } }
    - { name: b, then: { target_model: m } }
`;

describe('a write through the file store', () => {
  it('is never lost to one through another store on the same file', async () => {
    await using fixture = await RouteFileFixture.create('orgs: {}\n');
    const stores = await Promise.all([1, 2, 3].map(() => FileStore.open(fixture.path, silentLog)));
    const names = Array.from({ length: 30 }, (_, index) => `route ${index}`);
    const writes = stores.flatMap((store, index) =>
      names.filter((_, at) => at % 3 === index).map((name) => store.createRoute(org(1), draft(name))),
    );
    await Promise.all(writes);
    const reader = await FileStore.open(fixture.path, silentLog);
    const { routes } = await reader.listAllForOrg(org(1));
    assert.deepEqual(routes.map(({ name }) => name).sort(), [...names].sort());
    await Promise.all([...stores, reader].map((store) => store.close()));
    assert.deepEqual(await fixture.files(), ['routes.yaml']);
  });

  it('is refused while the file changes all the time, and then holds up neither reloads nor later writes', async () => {
    await using fixture = await RouteFileFixture.open(file);
    const touching = setInterval(() => {
      utimesSync(fixture.path, new Date(), new Date());
    }, 1);
    try {
      const created = fixture.store.createRoute(org(1), draft('c'));
      const reloaded = fixture.store.reload();
      await assert.rejects(created, { code: 'store_unavailable', message: /changes all the time/ });
      await reloaded;
    } finally {
      clearInterval(touching);
    }
    await fixture.createOne(org(1), draft('d'));
    assert.match(await fixture.text(), /name: d/);
    assert.deepEqual(await fixture.files(), ['routes.yaml']);
  });

  it('keeps the mode of the file, whatever the umask, and leaves nothing else in its directory', async () => {
    await using fixture = await RouteFileFixture.open(file);
    for (const mode of [0o600, 0o666, 0o640]) {
      await chmod(fixture.path, mode);
      await fixture.createOne(org(1), draft(`mode ${mode}`));
      assert.equal((await stat(fixture.path)).mode & 0o777, mode);
    }
    assert.deepEqual(await fixture.files(), ['routes.yaml']);
  });

  it('goes to the file behind a symbolic link, which stays one', async () => {
    await using fixture = await RouteFileFixture.create(file);
    const link = join(fixture.directory, 'link.yaml');
    await symlink('routes.yaml', link);
    await fixture.reopen(link);
    await fixture.createOne(org(1), draft('c'));
    assert.ok((await lstat(link)).isSymbolicLink());
    assert.match(await fixture.text(), /name: c/);
    assert.deepEqual(await fixture.files(), ['link.yaml', 'routes.yaml']);
  });

  it('is to be seen by a store that is opened afterwards, at the same revision', async () => {
    await using fixture = await RouteFileFixture.open(file);
    for (const name of ['c', 'd', 'e']) await fixture.createOne(org(2), draft(name));
    const revision = await fixture.revisionOf(org(2));
    await fixture.reopen();
    assert.deepEqual(await fixture.names(org(2)), ['c', 'd', 'e']);
    assert.equal(await fixture.revisionOf(org(2)), revision);
  });

  it('is for one store what an edit is for another on the same file', async () => {
    await using fixture = await RouteFileFixture.open(file);
    const first = fixture.store;
    const second = await fixture.reopen();
    for (let round = 0; round < 5; round++) {
      await first.createRoute(org(1), draft(`first ${round}`));
      await second.createRoute(org(1), draft(`second ${round}`));
    }
    const { routes } = await second.listAllForOrg(org(1));
    assert.equal(routes.length, 12);
  });
});

describe('an edit that the file store has not seen yet', () => {
  it('is not lost when a route is created, updated or deleted', async () => {
    await using fixture = await RouteFileFixture.open(file);
    const a = await fixture.routeNamed(org(1), 'a');
    const edited = (name: string): string => `    - { name: ${name}, then: { target_model: m } }\n`;
    await fixture.replace((await fixture.text()) + edited('edit 1'));
    await fixture.createOne(org(1), draft('c'));
    await fixture.replace((await fixture.text()) + edited('edit 2'));
    await fixture.store.updateRoute(org(1), a.id, { ...a, name: 'a2' }, a.revision);
    await fixture.replace((await fixture.text()) + edited('edit 3'));
    const b = await fixture.routeNamed(org(1), 'b');
    await fixture.store.deleteRoute(org(1), b.id, b.revision);
    assert.deepEqual(await fixture.names(org(1)), ['a2', 'edit 1', 'c', 'edit 2', 'edit 3']);
  });

  it('to the same route makes a write a conflict', async () => {
    await using fixture = await RouteFileFixture.open(file);
    const a = await fixture.routeNamed(org(1), 'a');
    await fixture.replace(file.replace('name: a,', 'name: a, priority: 7,'));
    await assertConflict(fixture.store.updateRoute(org(1), a.id, draft('a2'), a.revision));
    await assertConflict(fixture.store.deleteRoute(org(1), a.id, a.revision));
    assert.equal((await fixture.routeNamed(org(1), 'a')).priority, 7, 'and is known from now on');
  });

  it('that removes the route makes a write one of a route that is not there', async () => {
    await using fixture = await RouteFileFixture.open(file);
    const a = await fixture.routeNamed(org(1), 'a');
    await fixture.replace('orgs: {}\n');
    assert.equal(await fixture.store.updateRoute(org(1), a.id, draft('a2'), a.revision), undefined);
    assert.equal(await fixture.store.deleteRoute(org(1), a.id, a.revision), false);
    assert.equal(await fixture.text(), 'orgs: {}\n');
  });
});

describe('a file that cannot be written', () => {
  /** Tries every write, and looks whether the routes are as they were. */
  async function assertRefusesWrites(fixture: RouteFileFixture, message: RegExp): Promise<void> {
    const before = await fixture.store.listAllForOrg(org(1));
    const a = await fixture.routeNamed(org(1), 'a');
    const { cursor } = await fixture.store.changedSince(undefined);
    const refusal = { name: 'SignalboxError', code: 'store_unavailable', message };
    await assert.rejects(fixture.createOne(org(1), draft('c')), refusal);
    await assert.rejects(fixture.createOne(org(2), draft('c')), refusal);
    await assert.rejects(fixture.store.updateRoute(org(1), a.id, draft('c'), a.revision), refusal);
    await assert.rejects(fixture.store.deleteRoute(org(1), a.id, a.revision), refusal);
    assert.deepEqual(await fixture.store.listAllForOrg(org(1)), before);
    assert.deepEqual(await fixture.names(org(2)), []);
    assert.deepEqual((await fixture.store.changedSince(cursor)).orgIds, []);
  }

  it('for its directory is gone, is unavailable, and its routes keep serving', async () => {
    await using fixture = await RouteFileFixture.create(file);
    const directory = join(fixture.directory, 'inner');
    await mkdir(directory);
    await rename(fixture.path, join(directory, 'routes.yaml'));
    await fixture.reopen(join(directory, 'routes.yaml'));
    await rm(directory, { recursive: true });
    await assertRefusesWrites(fixture, /there is no such file/);
  });

  it('for no other file can be put beside it, is unavailable, and neither it nor its routes change', async () => {
    // A name so long that no temporary file's can be made of it. (Permissions don't stop whoever runs as root.)
    const name = `${'n'.repeat(250)}.yml`;
    await using fixture = await RouteFileFixture.open(file, name);
    await assertRefusesWrites(fixture, /cannot write .*ENAMETOOLONG/);
    assert.equal(await readFile(fixture.path, 'utf8'), file);
    assert.deepEqual(await fixture.files(), [name]);
  });
});
