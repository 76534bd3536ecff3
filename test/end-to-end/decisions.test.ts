// What a decision says for each kind of route and request, seen through a real daemon's socket. Nothing here shares
// code with src/.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type DaemonProcess, startDaemonProcess } from '../support/daemon-process.js';
import { hex } from '../support/wire-bytes.js';
import { requestFrame } from '../support/wire-client.js';
import { exchange, resultOf } from '../support/wire-exchange.js';

const org = (n: number): string => `0190a000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
const mainOrg = org(0xabc);
const unknownOrg = org(0xfff);
const cheapId = '0190a000-0000-7000-9000-0000000000aa';

/** One condition each, with the signal that satisfies it. */
const conditions: readonly (readonly [when: Record<string, unknown>, key: string, satisfying: unknown])[] = [
  [{ input_tokens_lt: 500 }, 'input_tokens', 0],
  [{ input_tokens_gt: 0 }, 'input_tokens', 4294967295],
  [{ tag_equals: 'batch' }, 'tag', 'batch'],
  [{ has_images: true }, 'has_images', true],
  [{ has_images: false }, 'has_images', false],
  [{ has_audio: true }, 'has_audio', true],
  [{ has_audio: false }, 'has_audio', false],
  [{ has_documents: true }, 'has_documents', true],
  [{ has_documents: false }, 'has_documents', false],
  [{ prompt_contains_any_of: ['invoice'] }, 'prompt', 'Your INVOICE'],
  [{ estimated_cost_gt: 0.5 }, 'estimated_cost_usd', 0.75],
  [{ estimated_cost_lt: 0.5 }, 'estimated_cost_usd', 0],
  [{ content_type: 'json' }, 'content_type', 'json'],
  [{ upstream_latency_ms_p95_gt: 100 }, 'upstream_p95_ms', 101],
  [{ not_reasoning_class: true }, 'reasoning_class', false],
];
const conditionOrg = (index: number): string => org(0x200 + index);

// JSON, being YAML, is a route file.
const routes = JSON.stringify({
  orgs: {
    [mainOrg]: [
      {
        name: 'cheap-short',
        id: cheapId,
        when: { model_in: ['gpt-4o'], input_tokens_lt: 500 },
        then: {
          target_model: 'gpt-4o-mini',
          fallbacks: ['claude-haiku-4-5', 'gemini-flash'],
          max_cost_usd: 0.05,
          effects: { compress: true, level: 3 },
        },
      },
      { name: 'uncached', when: { model_in: ['claude-opus'] }, then: { disable_cache: true } },
      {
        name: 'held',
        when: { model_in: ['held-model'] },
        paused: true,
        then: {
          target_model: 'other',
          fallbacks: ['another'],
          disable_cache: true,
          effects: { redact: true, compress: true },
        },
      },
      { name: 'off', enabled: false, when: {}, then: { target_model: 'never' } },
    ],
    ...Object.fromEntries(
      conditions.map(([when], n) => [
        conditionOrg(n),
        [{ name: 'conditional', when, then: { target_model: 'chosen' } }],
      ]),
    ),
  },
});

const uuidBytes = (uuid: string): Buffer => hex(uuid.replaceAll('-', ''));

describe('a decision', { timeout: 120_000 }, () => {
  let daemon: DaemonProcess;
  before(async () => {
    daemon = await startDaemonProcess({ routes });
  });
  after(() => daemon.stop());

  async function resolve(params: unknown): Promise<Record<string, unknown>> {
    const [answer, ...more] = await exchange(daemon.socketPath, requestFrame(7, 'resolve', params));
    assert.deepEqual(more, []);
    assert.equal(answer?.id, 7);
    return resultOf(answer);
  }
  const cheap = { org_id: mainOrg, model: 'gpt-4o', input_tokens: 100 };
  const nothing = {
    route_id: null,
    route: null,
    target_model: null,
    fallbacks: [],
    disable_cache: false,
    max_cost_usd: null,
    effects: {},
    paused: false,
    stale: false,
  };

  test('a matched route is answered as a decision with exactly the documented keys', async () => {
    const { revision, ...decision } = await resolve(cheap);
    assert.ok(Number.isSafeInteger(revision) && Number(revision) >= 0, `revision ${String(revision)}`);
    assert.deepEqual(decision, {
      route_id: cheapId,
      route: 'cheap-short',
      target_model: 'gpt-4o-mini',
      fallbacks: ['claude-haiku-4-5', 'gemini-flash'],
      disable_cache: false,
      max_cost_usd: 0.05,
      effects: { compress: true, level: 3 },
      paused: false,
      reason: 'matched',
      stale: false,
    });
  });

  test('an org is the same as text in either case and as 16 bytes', async () => {
    const expected = await resolve(cheap);
    for (const orgId of [mainOrg.toUpperCase(), uuidBytes(mainOrg)]) {
      assert.deepEqual(await resolve({ ...cheap, org_id: orgId }), expected);
    }
  });

  test('nothing matched and an unknown org are decisions without a route', async () => {
    for (const params of [
      { ...cheap, input_tokens: 500 },
      { ...cheap, org_id: unknownOrg },
    ]) {
      const { revision, ...decision } = await resolve(params);
      assert.ok(Number.isSafeInteger(revision) && Number(revision) >= 0, `revision ${String(revision)}`);
      assert.deepEqual(decision, { ...nothing, reason: 'no_match' });
    }
  });

  test('a modifier-only route keeps the model, and has an id made from its name', async () => {
    const { revision: _, route_id: routeId, ...decision } = await resolve({ ...cheap, model: 'claude-opus' });
    assert.match(String(routeId), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const { route_id: __, ...rest } = nothing;
    assert.deepEqual(decision, { ...rest, route: 'uncached', disable_cache: true, reason: 'matched' });
  });

  test('a paused route is attributed but keeps the model, and of its effects only redact stays', async () => {
    for (const params of [
      { ...cheap, model: 'held-model' },
      { ...cheap, force_route: 'held' },
    ]) {
      const decision = await resolve(params);
      assert.equal(typeof decision['route_id'], 'string');
      const { revision: _, route_id: __, ...rest } = decision;
      const { route_id: ___, ...plain } = nothing;
      const effects = { redact: true };
      assert.deepEqual(rest, {
        ...plain,
        ...{ route: 'held', disable_cache: true, effects, paused: true, reason: 'matched' },
      });
    }
  });

  test('a forced route is chosen by its exact name, whatever its conditions', async () => {
    const forced = await resolve({ org_id: mainOrg, model: 'anything', force_route: 'cheap-short' });
    assert.equal(forced['route_id'], cheapId);
    assert.equal(forced['target_model'], 'gpt-4o-mini');
    assert.equal(forced['reason'], 'matched');
    for (const name of ['off', 'Cheap-short', 'cheap-short ', '', '__proto__']) {
      const { revision: _, ...decision } = await resolve({ ...cheap, force_route: name });
      assert.deepEqual(decision, { ...nothing, reason: 'no_such_route' }, `forcing ${JSON.stringify(name)}`);
    }
  });

  test('a signal that is absent or nil fails the condition on it', async () => {
    for (const [index, [when, key, satisfying]] of conditions.entries()) {
      const request = { org_id: conditionOrg(index), model: 'gpt-4o' };
      const label = `${JSON.stringify(when)} with ${key}`;
      assert.equal((await resolve({ ...request, [key]: satisfying }))['target_model'], 'chosen', label);
      const absent = await resolve(request);
      assert.equal(absent['reason'], 'no_match', `${label} absent`);
      assert.deepEqual(await resolve({ ...request, [key]: null }), absent, `${label} nil`);
    }
  });

  test('every optional key may be nil, force_route too', async () => {
    const keys = [...new Set(conditions.map(([, key]) => key)), 'force_route'];
    const nils = Object.fromEntries(keys.map((key) => [key, null]));
    assert.deepEqual(await resolve({ ...nils, ...cheap }), await resolve(cheap));
  });

  test('unknown keys are ignored, whatever they hold', async () => {
    const values = [null, true, -1, 1.5, 'text', Buffer.alloc(300), [1, [2, [3]]], { a: { b: { c: [{}] } } }];
    const unknown = Object.fromEntries(values.map((value, n) => [`later_${n}`, value]));
    assert.deepEqual(await resolve({ ...unknown, ...cheap }), await resolve(cheap));
    assert.deepEqual(await resolve({ ...cheap, ...unknown, Model: 'x', ORG_ID: 5 }), await resolve(cheap));
  });

  test('a content type that no route can name is text that matches nothing', async () => {
    const index = conditions.findIndex(([, key]) => key === 'content_type');
    const request = { org_id: conditionOrg(index), model: 'gpt-4o' };
    assert.equal((await resolve({ ...request, content_type: 'xml' }))['reason'], 'no_match');
  });
});
