// The whole way of a chat-completion request: body → client library → socket → daemon → decision, for every fixture
// of the corpus, decided by the routes of test/fixtures/routes.yaml.
import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { requestFromChatCompletion } from '../../src/client/chat-completion.js';
import { SignalboxClient } from '../../src/client/client.js';
import { chatFixtureRoutes, loadChatFixtures, requestedModel } from '../support/chat-fixtures.js';
import { type DaemonProcess, startDaemonProcess } from '../support/daemon-process.js';

interface RouteFile {
  readonly orgs: Readonly<Record<string, readonly { readonly name: string; readonly enabled?: boolean }[]>>;
}

const fixtures = await loadChatFixtures();
const routes = await readFile(chatFixtureRoutes, 'utf8');

describe('chat completions, decided by a real daemon', () => {
  let daemon: DaemonProcess;
  let client: SignalboxClient;
  /** `org/name` of every route that a decision named. */
  const matched = new Set<string>();

  before(async () => {
    daemon = await startDaemonProcess({ routes });
    client = new SignalboxClient({ socketPath: daemon.socketPath, deadlineMs: 5000 });
  });

  after(async () => {
    await client.close();
    await daemon.stop();
  });

  for (const fixture of fixtures) {
    it(`${fixture.name}: ${fixture.about}`, async () => {
      const { options, expect } = fixture;
      const decision = await client.resolve(requestFromChatCompletion(fixture.body, options));
      if (decision.route !== null) matched.add(`${options.orgId}/${decision.route}`);
      assert.deepEqual(
        {
          failOpen: decision.failOpen,
          route: decision.route,
          model: decision.model,
          targetModel: decision.targetModel,
          fallbacks: [...decision.fallbacks],
          disableCache: decision.disableCache,
          maxCostUsd: decision.maxCostUsd,
          // A copy, because a decoded map need not have the prototype of an object literal.
          effects: structuredClone(decision.effects),
          paused: decision.paused,
          reason: decision.reason,
          attributed: decision.routeId !== null,
          stale: decision.stale,
        },
        {
          failOpen: false,
          ...expect,
          model: expect.targetModel ?? requestedModel(fixture),
          attributed: expect.route !== null,
          stale: false,
        },
      );
    });
  }

  it('is a corpus in which every enabled route is matched at least once', () => {
    assert.ok(fixtures.length >= 40, `at least 40 fixtures were expected, not ${String(fixtures.length)}`);
    const { orgs } = parse(routes) as RouteFile;
    const enabled = Object.entries(orgs).flatMap(([orgId, orgRoutes]) =>
      orgRoutes.filter((route) => route.enabled !== false).map((route) => `${orgId}/${route.name}`),
    );
    const never = enabled.filter((route) => !matched.has(route));
    assert.deepEqual(never, [], `never matched: ${never.join(', ')}`);
  });
});
