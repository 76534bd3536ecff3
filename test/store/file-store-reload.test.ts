// The file store while somebody else changes its file: what is taken over, when, and what is refused.
import assert from 'node:assert/strict';
import { mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { RouteFileFixture } from '../support/route-file-fixture.js';
import { org } from '../support/routes.js';
import { waitFor } from '../support/wait-for.js';

/** A file in which an org has routes of these names. */
function fileOf(...names: readonly string[]): string {
  const routes = names.map((name) => `    - { name: ${name}, then: { target_model: m } }\n`);
  return `orgs:\n  ${org(1)}:\n${routes.join('')}  ${org(2)}: []\n`;
}

async function waitForRoutes(fixture: RouteFileFixture, ...names: readonly string[]): Promise<void> {
  const expected = names.join();
  await waitFor(async () => (await fixture.names(org(1))).join() === expected, `the routes [${expected}]`);
}

/**
 * Waits until the file was looked at and refused that many times, and gives what the log says of the last. The file
 * must have been replaced: one that is being written in place may be refused for what isn't there yet.
 */
async function waitForRefusal(fixture: RouteFileFixture, times = 1): Promise<string> {
  await waitFor(() => fixture.logged('routes.refused').length >= times, 'the file to be refused');
  assert.equal(fixture.logged('routes.refused').length, times);
  const line = fixture.logged('routes.refused').at(-1);
  assert.equal(line?.level, 'error');
  assert.deepEqual(line.fields, { file: fixture.path });
  return line.message;
}

describe('a route file that changes', { concurrency: true, timeout: 60_000 }, () => {
  it('is read again after an edit in place', async () => {
    await using fixture = await RouteFileFixture.open(fileOf('a'));
    await fixture.write(fileOf('b', 'c'));
    await waitForRoutes(fixture, 'b', 'c');
  });

  it('is read again when another file is renamed into its place, time after time and without delay', async () => {
    await using fixture = await RouteFileFixture.open(fileOf('a'));
    const startedMs = performance.now();
    for (const name of ['b', 'c', 'd', 'e', 'f']) {
      await fixture.replace(fileOf(name));
      await waitForRoutes(fixture, name);
    }
    // Looking every two seconds, without being told by the operating system, would take ten.
    assert.ok(performance.now() - startedMs < 6000);
  });

  it('is read again when a symbolic link to it is swapped for another', async () => {
    await using fixture = await RouteFileFixture.create(fileOf('a'));
    const [link, next] = [join(fixture.directory, 'link'), join(fixture.directory, 'next')];
    await symlink('routes.yaml', link);
    await fixture.reopen(link);
    await writeFile(join(fixture.directory, 'second.yaml'), fileOf('b'));
    await symlink('second.yaml', next);
    await rename(next, link);
    await waitForRoutes(fixture, 'b');
  });

  it('is read again when a link on the way to it is swapped, as orchestrators mount files', async () => {
    await using fixture = await RouteFileFixture.create(fileOf('unused'));
    const at = (name: string): string => join(fixture.directory, name);
    for (const [version, name] of [
      ['v1', 'a'],
      ['v2', 'b'],
    ] as const) {
      await mkdir(at(version));
      await writeFile(at(`${version}/routes.yaml`), fileOf(name));
    }
    await symlink('v1', at('data'));
    await symlink('data/routes.yaml', at('mounted.yaml'));
    await fixture.reopen(at('mounted.yaml'));
    await waitForRoutes(fixture, 'a');
    await symlink('v2', at('next'));
    await rename(at('next'), at('data'));
    await waitForRoutes(fixture, 'b');
  });

  it('is read again where its directory tells of nothing, for its link leads to another', async () => {
    await using elsewhere = await RouteFileFixture.create(fileOf('a'));
    await using fixture = await RouteFileFixture.create(fileOf('unused'));
    const link = join(fixture.directory, 'link');
    await symlink(elsewhere.path, link);
    await fixture.reopen(link);
    await elsewhere.write(fileOf('b'));
    await waitForRoutes(fixture, 'b');
  });

  it('is read again when its whole directory is replaced', async () => {
    await using fixture = await RouteFileFixture.create(fileOf('unused'));
    const at = (name: string): string => join(fixture.directory, name);
    await mkdir(at('live'));
    await writeFile(at('live/routes.yaml'), fileOf('a'));
    await fixture.reopen(at('live/routes.yaml'));
    await mkdir(at('next'));
    await writeFile(at('next/routes.yaml'), fileOf('b'));
    await rename(at('live'), at('old'));
    await rename(at('next'), at('live'));
    await waitForRoutes(fixture, 'b');
  });

  it('is read few times in a burst of writes, and in the end as the last of them left it', async () => {
    await using fixture = await RouteFileFixture.open(fileOf('a'));
    for (let write = 1; write <= 50; write++) {
      await (write % 2 === 0 ? fixture.write(fileOf(`b${write}`)) : fixture.replace(fileOf(`b${write}`)));
    }
    await waitForRoutes(fixture, 'b50');
    const loads = fixture.logged('routes.loaded').length - 1;
    assert.ok(loads <= 10, `${loads} loads for 50 writes`);
  });

  it('changes nothing by its time of modification alone', async () => {
    await using fixture = await RouteFileFixture.open(fileOf('a'));
    const route = await fixture.routeNamed(org(1), 'a');
    const { cursor } = await fixture.store.changedSince(undefined);
    await utimes(fixture.path, new Date(), new Date(Date.now() + 60_000));
    // A write reads the file, even one that has nothing to say.
    const updated = await fixture.store.updateRoute(org(1), route.id, route, route.revision);
    assert.deepEqual(updated, { route, changed: false });
    assert.equal(await fixture.revisionOf(org(1)), route.revision);
    assert.deepEqual((await fixture.store.changedSince(cursor)).orgIds, []);
    assert.equal(fixture.logged('routes.loaded').length, 1);
  });

  it('changes the revisions of what changed in it and of nothing else', async () => {
    await using fixture = await RouteFileFixture.open(fileOf('a', 'b'));
    const [a, other] = [await fixture.routeNamed(org(1), 'a'), await fixture.revisionOf(org(2))];
    const { cursor } = await fixture.store.changedSince(undefined);
    await fixture.write(fileOf('a', 'c'));
    await waitForRoutes(fixture, 'a', 'c');
    assert.deepEqual(await fixture.routeNamed(org(1), 'a'), a);
    const c = await fixture.routeNamed(org(1), 'c');
    assert.ok(c.revision > a.revision);
    assert.equal(await fixture.revisionOf(org(1)), c.revision);
    assert.equal(await fixture.revisionOf(org(2)), other);
    assert.deepEqual((await fixture.store.changedSince(cursor)).orgIds, [org(1)]);
  });

  it('is of a higher revision after an older file was put in its place too', async () => {
    await using fixture = await RouteFileFixture.open(fileOf('a'));
    const before = await fixture.revisionOf(org(1));
    const backup = join(fixture.directory, 'backup');
    await writeFile(backup, fileOf('b'));
    await utimes(backup, new Date(2020, 1), new Date(2020, 1));
    await rename(backup, fixture.path);
    await waitForRoutes(fixture, 'b');
    assert.ok((await fixture.revisionOf(org(1))) > before);
  });

  it('leaves an org that is removed from it with an empty list of a higher revision', async () => {
    await using fixture = await RouteFileFixture.open(fileOf('a'));
    const before = await fixture.revisionOf(org(1));
    const { cursor } = await fixture.store.changedSince(undefined);
    await fixture.write('orgs: {}\n');
    await waitForRoutes(fixture);
    const removed = await fixture.revisionOf(org(1));
    assert.ok(removed > before);
    assert.deepEqual((await fixture.store.changedSince(cursor)).orgIds, [org(1)]);
    await fixture.write(fileOf('a'));
    await waitForRoutes(fixture, 'a');
    assert.ok((await fixture.revisionOf(org(1))) > removed, 'and goes on from there when it comes back');
  });

  it('is no longer looked at by a store that was closed, twice if need be', async () => {
    await using fixture = await RouteFileFixture.open(fileOf('a'));
    const closed = fixture.store;
    await fixture.reopen();
    await closed.close();
    await closed.close();
    await fixture.write(fileOf('b'));
    await waitForRoutes(fixture, 'b');
    assert.equal((await closed.listForOrg(org(1))).routes[0]?.name, 'a');
  });
});

describe('a route file that is broken by an edit', { concurrency: true, timeout: 60_000 }, () => {
  it('is refused as a whole, with all that is wrong in the log, until an edit repairs it', async () => {
    await using fixture = await RouteFileFixture.open(fileOf('a'));
    const before = await fixture.store.listAllForOrg(org(1));
    await fixture.replace(`orgs:
  ${org(1)}:
    - name: good
      then: { target_model: m }
    - name: b
      priority: -1
      then: { target_model: m }
  ${org(2)}:
    - name: c
      then: { target_modell: m }
`);
    const [first, ...lines] = (await waitForRefusal(fixture)).split('\n');
    assert.equal(first, 'the last good routes stay in force: the route file has errors');
    assert.deepEqual(
      lines.map((line) => line.split(': ').slice(0, 3)),
      [
        [`${fixture.path}:6:7`, `orgs.${org(1)}[1].priority`, 'invalid_field'],
        [`${fixture.path}:10:7`, `orgs.${org(2)}[0].then`, 'no_effect'],
        [`${fixture.path}:10:15`, `orgs.${org(2)}[0].then.target_modell`, 'unknown_field'],
      ],
    );
    assert.deepEqual(await fixture.store.listAllForOrg(org(1)), before);
    await fixture.write(fileOf('repaired'));
    await waitForRoutes(fixture, 'repaired');
  });

  it('is refused when it is cut short, be it to nothing', async () => {
    await using fixture = await RouteFileFixture.open(fileOf('a'));
    const whole = fileOf('b', 'c');
    for (const [index, text] of ['', whole.slice(0, whole.lastIndexOf('}')), 'orgs:\n', '\0\0\0'].entries()) {
      await fixture.replace(text);
      await waitForRefusal(fixture, index + 1);
      await waitForRoutes(fixture, 'a');
    }
    await fixture.write(whole);
    await waitForRoutes(fixture, 'b', 'c');
  });

  it('keeps serving after it was deleted, and is read when it is there again', async () => {
    await using fixture = await RouteFileFixture.open(fileOf('a'));
    await rm(fixture.path);
    assert.match(await waitForRefusal(fixture), /stay in force: .* there is no such file$/);
    await waitForRoutes(fixture, 'a');
    await fixture.write(fileOf('b'));
    await waitForRoutes(fixture, 'b');
  });

  it('is refused with a coded error by whoever wants to write through it, and stays as it is', async () => {
    await using fixture = await RouteFileFixture.open(fileOf('a'));
    const route = await fixture.routeNamed(org(1), 'a');
    await fixture.write('orgs: [broken\n');
    const refused = { code: 'store_unavailable', message: /:1:8: orgs|syntax/ };
    await assert.rejects(fixture.createOne(org(1), route), refused);
    await assert.rejects(fixture.store.updateRoute(org(1), route.id, route, route.revision), refused);
    await assert.rejects(fixture.store.deleteRoute(org(1), route.id, route.revision), refused);
    assert.equal(await fixture.text(), 'orgs: [broken\n');
    await waitForRoutes(fixture, 'a');
  });
});
