// What writing through the file store does to its file: the rest of it stays as people wrote it.
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { RouteFileFixture } from '../support/route-file-fixture.js';
import { draft, org } from '../support/routes.js';

const file = `# Head of the file.

orgs:
  # Before the org.
  ${org(1)}:
    # About the first: it is here to stay.
    - name: first # Behind the name.
      priority: 0x10 # Hexadecimal.
      when:
        model_in:
          - "gpt-4o" # Quoted.
          - 'gpt-4.1'
      then:
        # Inside of an action.
        target_model: gpt-4o-mini

    # About the second.
    - name: second
      priority: 200 # Because.
      then:
        target_model: m

    # About the third.
    - name: third
      then:
        target_model: a model of a name that is so long that it does not fit into the eighty columns of a terminal
  ${org(2)}: # Behind the org.
    # About the fourth.
    - name: fourth
      then:
        target_model: m
# Foot of the file.
`;

const comments = (text: string): string[] => text.match(/#.*/g) ?? [];

/** Whether the text still has these lines, in this order and with nothing between them. */
function assertHasLines(text: string, from: string, to: string): void {
  const lines = file.slice(file.indexOf(from), file.indexOf(to) + to.length);
  assert.ok(text.includes(lines), `expected\n${lines}\nin\n${text}`);
}

describe('the file that a route is written to', () => {
  it('keeps every comment and all other routes as they are when one is created', async () => {
    await using fixture = await RouteFileFixture.open(file);
    const created = await fixture.createOne(org(1), draft('new', { priority: 5 }));
    const text = await fixture.text();
    assert.deepEqual(comments(text), comments(file));
    assertHasLines(text, '    # About the first', 'terminal');
    assertHasLines(text, '    # About the fourth', 'target_model: m');
    const added = `
    - id: ${created.id}
      name: new
      priority: 5
      then:
        target_model: target-new
`;
    assert.ok(text.includes(`terminal${added}`), text);
  });

  it('keeps every comment and all other routes as they are when one is updated', async () => {
    await using fixture = await RouteFileFixture.open(file);
    const second = await fixture.routeNamed(org(1), 'second');
    await fixture.store.updateRoute(org(1), second.id, { ...second, priority: 300 }, second.revision);
    const text = await fixture.text();
    assert.deepEqual(comments(text), comments(file));
    assertHasLines(text, '    # About the first', '- name: second');
    assert.ok(text.includes('      priority: 300 # Because.\n'), text);
    assertHasLines(text, '    # About the third', 'terminal');
    assertHasLines(text, '    # About the fourth', 'target_model: m');
  });

  it('keeps the comments of all other routes, and these as they are, when one is deleted', async () => {
    await using fixture = await RouteFileFixture.open(file);
    const second = await fixture.routeNamed(org(1), 'second');
    await fixture.store.deleteRoute(org(1), second.id, second.revision);
    const text = await fixture.text();
    const gone = ['# About the second.', '# Because.'];
    assert.deepEqual(
      comments(text),
      comments(file).filter((comment) => !gone.includes(comment)),
    );
    assert.ok(!text.includes('second'));
    assertHasLines(text, '    # About the first', 'gpt-4o-mini\n');
    assertHasLines(text, '    # About the third', 'terminal');
  });

  it('is not even touched by an update that says what is there already', async () => {
    await using fixture = await RouteFileFixture.open(file);
    const before = await stat(fixture.path);
    const first = await fixture.routeNamed(org(1), 'first');
    await fixture.store.updateRoute(org(1), first.id, structuredClone(first), first.revision);
    const { ino, mtimeMs } = await stat(fixture.path);
    assert.deepEqual([ino, mtimeMs], [before.ino, before.mtimeMs]);
  });

  it('says of a new route only what is not the default', async () => {
    await using fixture = await RouteFileFixture.open('orgs: {}\n');
    const { id } = await fixture.createOne(org(1), draft('a'));
    const whole = `orgs:\n  ${org(1)}:\n    - id: ${id}\n      name: a\n      then:\n        target_model: target-a\n`;
    assert.equal(await fixture.text(), whole);
  });

  it('becomes and remains one that people can read, however empty it was', async () => {
    await using fixture = await RouteFileFixture.open(`orgs:\n  ${org(1)}: []\n`);
    const route = await fixture.createOne(org(1), draft('a'));
    await fixture.createOne(org(2), draft('b'));
    assert.doesNotMatch(await fixture.text(), /[[{]/);
    await fixture.store.deleteRoute(org(1), route.id, route.revision);
    assert.ok((await fixture.text()).startsWith(`orgs:\n  ${org(1)}: []\n  ${org(2)}:\n    - id:`));
  });

  it('stays JSON if it is JSON', async () => {
    const routes = [{ name: 'a', then: { target_model: 'no' } }];
    await using fixture = await RouteFileFixture.open(
      JSON.stringify({ orgs: { [org(1)]: routes } }, null, 2),
    );
    const { id } = await fixture.createOne(org(2), draft('true', { when: { tag_equals: 'x '.repeat(100) } }));
    const a = await fixture.routeNamed(org(1), 'a');
    await fixture.store.updateRoute(org(1), a.id, { ...a, name: 'b' }, a.revision);
    const text = await fixture.text();
    assert.deepEqual(JSON.parse(text), {
      orgs: {
        [org(1)]: [{ name: 'b', then: { target_model: 'no' }, id: a.id }],
        [org(2)]: [
          {
            id,
            name: 'true',
            when: { tag_equals: 'x '.repeat(100) },
            then: { target_model: 'target-true' },
          },
        ],
      },
    });
    assert.ok(text.split('\n').length > 10, 'and is laid out in lines');
  });

  it('says text of several lines so that it is read as such, in brackets too', async () => {
    await using fixture = await RouteFileFixture.open(
      `orgs: { ${org(1)}: [{ name: a, then: { target_model: m } }] }\n`,
    );
    const keywords = [':\n$', 'a\nb', '\n# c', 'd\n'];
    const b = await fixture.createOne(org(1), draft('b', { when: { prompt_contains_any_of: keywords } }));
    await fixture.store.updateRoute(org(1), b.id, { ...b, name: ':\n$' }, b.revision);
    await fixture.reopen();
    assert.deepEqual((await fixture.routeNamed(org(1), ':\n$')).when.prompt_contains_any_of, keywords);
  });

  it('goes on saying that a route is paused, which is not for its writer to change', async () => {
    await using fixture = await RouteFileFixture.open(
      `orgs:\n  ${org(1)}:\n    - { name: a, paused: true, then: { target_model: m } }\n`,
    );
    const a = await fixture.routeNamed(org(1), 'a');
    const updated = await fixture.store.updateRoute(org(1), a.id, draft('b'), a.revision);
    assert.equal(updated?.route.paused, true);
    assert.match(await fixture.text(), /paused: true/);
  });

  it('finds an org that it spells in upper case', async () => {
    const orgId = '0190a000-0000-7000-8000-00000000abcd';
    await using fixture = await RouteFileFixture.open(
      `orgs:\n  ${orgId.toUpperCase()}:\n    - { name: a, then: { target_model: m } }\n`,
    );
    await fixture.createOne(orgId, draft('b'));
    const a = await fixture.routeNamed(orgId, 'a');
    await fixture.store.deleteRoute(orgId, a.id, a.revision);
    assert.deepEqual(await fixture.names(orgId), ['b']);
    assert.equal((await fixture.text()).match(/abcd/gi)?.length, 1);
  });
});
