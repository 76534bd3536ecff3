// The file store: the contract of every store, and what it makes of a file when it is opened.
import assert from 'node:assert/strict';
import { truncate } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { silentLog } from '../../src/log.js';
import { FileStore } from '../../src/store/file-store.js';
import { RouteFileFixture } from '../support/route-file-fixture.js';
import { describeRouteStore } from '../support/route-store-suite.js';
import { org } from '../support/routes.js';

describeRouteStore('file', async () => {
  const fixture = await RouteFileFixture.open('orgs: {}\n');
  return { store: fixture.store, close: () => fixture[Symbol.asyncDispose]() };
});

describe('a file store that is opened', () => {
  it('reads the format that people write, with its defaults', async () => {
    await using fixture = await RouteFileFixture.open(`# The routes of one tenant.
orgs:
  ${org(1)}:
    - name: cheap-short
      priority: 4294967295
      enabled: false
      when:
        model_in: [gpt-4o]
        input_tokens_lt: 500
      then:
        target_model: gpt-4o-mini
        fallbacks: [claude-haiku-4-5]
        disable_cache: false
        max_cost_usd: 0.05
    - name: everything else
      then:
        effects: { redact: true }
`);
    const { routes, revision } = await fixture.store.listAllForOrg(org(1));
    assert.ok(revision > 0);
    assert.deepEqual(structuredClone(routes), [
      {
        id: '7e0570db-efff-5bde-bfb3-6841c53176f8',
        name: 'cheap-short',
        priority: 4294967295,
        enabled: false,
        when: { model_in: ['gpt-4o'], input_tokens_lt: 500 },
        then: {
          target_model: 'gpt-4o-mini',
          fallbacks: ['claude-haiku-4-5'],
          disable_cache: false,
          max_cost_usd: 0.05,
        },
        paused: false,
        revision,
      },
      {
        id: routes[1]?.id,
        name: 'everything else',
        priority: 100,
        enabled: true,
        when: {},
        then: { effects: { redact: true } },
        paused: false,
        revision,
      },
    ]);
    assert.deepEqual(await fixture.names(org(1), 'enabled'), ['everything else']);
  });

  it('reads JSON as well', async () => {
    const routes = [{ name: 'json', priority: 7, then: { target_model: 'm', fallbacks: ['\ud83d\ude00'] } }];
    await using fixture = await RouteFileFixture.open(
      JSON.stringify({ orgs: { [org(1)]: routes } }, null, '\t'),
      'routes.json',
    );
    const route = await fixture.routeNamed(org(1), 'json');
    assert.deepEqual([route.priority, route.then.fallbacks], [7, ['😀']]);
  });

  it('reads what only a store may say: that a route is paused', async () => {
    await using fixture = await RouteFileFixture.open(
      `orgs:\n  ${org(1)}:\n    - { name: a, paused: true, then: { target_model: m } }\n`,
    );
    assert.equal((await fixture.routeNamed(org(1), 'a')).paused, true);
  });

  it('reads an org by whatever case its id is written in', async () => {
    await using fixture = await RouteFileFixture.open(
      'orgs:\n  0190A000-0000-7000-8000-00000000ABCD:\n    - { name: a, then: { target_model: m } }\n',
    );
    assert.deepEqual(await fixture.names('0190a000-0000-7000-8000-00000000abcd'), ['a']);
  });

  it('tells of none of its orgs as changed, for they are there from the beginning', async () => {
    await using fixture = await RouteFileFixture.open(`orgs:\n  ${org(1)}: []\n`);
    const { orgIds, cursor } = await fixture.store.changedSince(undefined);
    assert.deepEqual(orgIds, []);
    assert.deepEqual((await fixture.store.changedSince(cursor)).orgIds, []);
  });

  it('says how many routes it loaded', async () => {
    await using fixture = await RouteFileFixture.open(
      `orgs:\n  ${org(1)}: [{ name: a, then: { target_model: m } }]\n  ${org(2)}: []\n`,
    );
    assert.deepEqual(fixture.logs, [
      {
        level: 'info',
        event: 'routes.loaded',
        message: '1 routes of 2 orgs',
        fields: { file: fixture.path, changedOrgs: 2 },
      },
    ]);
  });
});

describe('the ids of a file that gives none', () => {
  // Computed with another implementation of RFC 9562: uuid5(org, name), uuid5(org, name + '\n' + position).
  const file = `orgs:
  ${org(1)}:
    - { name: Übersetzung, then: { target_model: m } }
    - { name: twice, then: { target_model: m } }
    - { name: cheap-short, then: { target_model: m } }
    - { name: twice, then: { target_model: m } }
  ${org(2)}:
    - { name: Übersetzung, then: { target_model: m } }
`;
  const expected = [
    '3ecd00ad-c959-5220-9a12-6483bae2944b',
    'daaa4230-b677-540e-9987-9e31828d5ac8',
    '7e0570db-efff-5bde-bfb3-6841c53176f8',
    '8fdd82cf-f05b-5862-b1e5-9d314aa34872',
  ];

  const ids = async (fixture: RouteFileFixture): Promise<string[]> =>
    (await fixture.store.listAllForOrg(org(1))).routes.map(({ id }) => id);

  it('are UUIDs of version 5 of org and name, and of the position too where a name repeats', async () => {
    await using fixture = await RouteFileFixture.open(file);
    assert.deepEqual(await ids(fixture), expected);
    assert.notEqual(
      (await fixture.routeNamed(org(2), 'Übersetzung')).id,
      expected[0],
      'each org has its own',
    );
  });

  it('are the same whenever and wherever the file is opened', async () => {
    await using fixture = await RouteFileFixture.open(file);
    await fixture.reopen();
    assert.deepEqual(await ids(fixture), expected);
    await using elsewhere = await RouteFileFixture.open(file.replaceAll('then:', 'priority: 5, then:'));
    assert.deepEqual(await ids(elsewhere), expected);
  });

  it('stay out of the way of those that are given, which are kept', async () => {
    const given = '11111111-2222-4333-8444-55555555555A';
    await using fixture = await RouteFileFixture.open(`orgs:
  ${org(1)}:
    - { name: cheap-short, id: ${given}, then: { target_model: m } }
    - { name: cheap-short, then: { target_model: m } }
`);
    assert.deepEqual(await ids(fixture), [given.toLowerCase(), expected[2]]);
  });
});

describe('a file that cannot be opened', () => {
  const open = (fixture: RouteFileFixture, path = fixture.path): Promise<FileStore> =>
    FileStore.open(path, silentLog);

  it('is a configuration error when it is not there', async () => {
    await using fixture = await RouteFileFixture.create('');
    await assert.rejects(open(fixture, `${fixture.path}.not`), {
      code: 'configuration',
      message: `cannot read the route file ${fixture.path}.not: there is no such file`,
    });
  });

  it('is a configuration error when it is a directory', async () => {
    await using fixture = await RouteFileFixture.create('');
    await assert.rejects(open(fixture, fixture.directory), { code: 'configuration', message: /EISDIR/ });
  });

  it('is a configuration error with every problem on a line of its own when it has errors', async () => {
    await using fixture = await RouteFileFixture.create(`orgs:
  ${org(1)}:
    - name: ''
      then: { target_model: m }
    - name: b
      then: {}
`);
    await assert.rejects(open(fixture), (error: Error & { code?: string }) => {
      const [first, ...lines] = error.message.split('\n');
      assert.equal(error.code, 'configuration');
      assert.equal(first, 'the route file has errors');
      assert.deepEqual(
        lines.map((line) => line.split(': ').slice(0, 3)),
        [
          [`${fixture.path}:3:7`, `orgs.${org(1)}[0].name`, 'blank'],
          [`${fixture.path}:6:7`, `orgs.${org(1)}[1].then`, 'no_effect'],
        ],
      );
      return true;
    });
  });

  it('is a configuration error when it is far too large, and is not read', async () => {
    await using fixture = await RouteFileFixture.create('');
    await truncate(fixture.path, 16 * 1024 * 1024 + 1);
    await assert.rejects(open(fixture), { code: 'configuration', message: /larger than 16777216 bytes/ });
  });
});
