// Requests that are HTTP, but not ones that anything here answers to: each is refused with a code, nothing is changed
// by it, and the server goes on.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { MemoryStore } from '../../src/store/memory-store.js';
import { draft, org } from '../support/routes.js';
import { type AdminUnderTest, startAdmin } from './admin-under-test.js';
import { assertProblem, problemsOf } from './assert-problem.js';

const ORG = org(1);
const ROUTES = `/v1/orgs/${ORG}/routes`;
const BODY_BYTES_MAX = 8 * 1024 * 1024;

describe('a hostile request', () => {
  let store: MemoryStore;
  let admin: AdminUnderTest;

  beforeEach(async () => {
    store = new MemoryStore();
    admin = await startAdmin({ store });
  });
  afterEach(async () => {
    assert.equal((await store.listAllForOrg(ORG)).revision, 0, 'nothing was changed');
    assert.deepEqual(admin.logs, [], 'nothing was a defect');
    assert.equal((await admin.call('GET', '/healthz')).status, 200, 'the server goes on');
    await admin[Symbol.asyncDispose]();
  });

  it('for what is not there gets that', async () => {
    for (const path of ['/', '/v1', `/${ROUTES}`, `/v1/orgs/${ORG}`, '/v1/orgs/../status', '/METRICS']) {
      assertProblem(await admin.call('GET', path), 'not_found');
    }
  });

  it('with a method that a resource has not is told which it has', async () => {
    for (const [method, path, allow] of [
      ['DELETE', ROUTES, 'GET, HEAD, POST, PUT'],
      ['PATCH', '/healthz', 'GET, HEAD'],
      ['GET', `/v1/orgs/${ORG}/rollback`, 'POST'],
      ['OPTIONS', ROUTES, 'GET, HEAD, POST, PUT'],
      ['TRACE', '/v1/status', 'GET, HEAD'],
    ] as const) {
      const answer = await admin.call(method, path);
      assertProblem(answer, 'method_not_allowed');
      assert.equal(answer.headers['allow'], allow);
    }
  });

  it('with an id that is no UUID', async () => {
    for (const id of [
      '',
      'acme',
      `${ORG}0`,
      ORG.slice(1),
      '%00',
      '%',
      '%E0%A4%A',
      '..%2f..',
      '__proto__',
      'a'.repeat(9000),
    ]) {
      assertProblem(await admin.call('GET', `/v1/orgs/${id}/routes`), 'bad_request', /org_id/);
      assertProblem(await admin.call('GET', `${ROUTES}/${id}`), 'bad_request', /route_id/);
    }
  });

  it('with a query that is not understood', async () => {
    for (const query of [
      'all=1',
      'all=',
      'all',
      'All=true',
      'all=true&all=true',
      'all=true&x=1',
      '__proto__=1',
      '=',
    ]) {
      assertProblem(await admin.call('GET', `${ROUTES}?${query}`), 'bad_request');
    }
  });

  it('with a precondition that is no list of tags', async () => {
    for (const tag of ['1', '"1', 'w/"1"', '"1" "2"', '"1", 2', "'1'", '*, "1"', '']) {
      const headers = { 'if-match': tag };
      assertProblem(
        await admin.call('PUT', ROUTES, { json: { routes: [] }, headers }),
        'bad_request',
        /If-Match/,
      );
    }
  });

  it('with a body of another type', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/jsonx',
      'application/json; charset=latin1',
      '',
    ]) {
      const headers = { 'content-type': type };
      const answer = await admin.call('POST', ROUTES, { json: draft('a'), headers });
      assertProblem(answer, 'unsupported_media_type');
      assert.equal(answer.headers['accept'], 'application/json');
    }
    const gzipped = { 'content-encoding': 'gzip' };
    assertProblem(
      await admin.call('POST', ROUTES, { json: draft('a'), headers: gzipped }),
      'unsupported_media_type',
    );
    const merge = { 'content-type': 'application/merge-patch+json' };
    assertProblem(
      await admin.call('POST', ROUTES, { json: draft('a'), headers: merge }),
      'unsupported_media_type',
    );
  });

  it('with a body that is no JSON', async () => {
    for (const body of [
      '{',
      "{'name':'a'}",
      '{"name":"a",}',
      'NaN',
      '{"name":"\u0001"}',
      Buffer.from('{"name":"\xff"}', 'latin1'),
    ]) {
      assertProblem(await admin.call('POST', ROUTES, { body }), 'bad_request', /no JSON/);
    }
  });

  it('without a body where there must be one, or with one where there is none', async () => {
    assertProblem(await admin.call('POST', ROUTES), 'bad_request', /expected a JSON body/);
    assertProblem(
      await admin.call('POST', `/v1/orgs/${ORG}/invalidate`, { json: {} }),
      'bad_request',
      /no body/,
    );
  });

  it('with a body of the wrong shape, or keys that mean something to JavaScript', async () => {
    for (const json of [null, [], 'a', 7, true]) {
      assert.deepEqual(problemsOf(await admin.call('POST', ROUTES, { json })), [' invalid_field']);
    }
    const body = '{"__proto__":{"name":"a","then":{"disable_cache":true}},"constructor":1,"toString":2}';
    assert.deepEqual(problemsOf(await admin.call('POST', ROUTES, { body })), [
      '__proto__ unknown_field',
      'constructor unknown_field',
      'toString unknown_field',
      'name invalid_field',
      'then no_effect',
    ]);
    assert.equal(({} as Record<string, unknown>)['name'], undefined);
  });

  it('with numbers that no number is', async () => {
    const body =
      '{"name":"a","priority":1e999,"when":{"estimated_cost_gt":1e999},"then":{"effects":{"x":-1e999}}}';
    assert.deepEqual(problemsOf(await admin.call('POST', ROUTES, { body })), [
      'priority invalid_field',
      'when.estimated_cost_gt out_of_range',
      'then.effects.x invalid_field',
    ]);
  });

  it('with a body that is nested without end', async () => {
    const deep = BODY_BYTES_MAX / 2 - 100;
    for (const body of [
      '['.repeat(deep) + ']'.repeat(deep),
      '{"a":'.repeat(deep / 5),
      '{"then":{"effects":' + '[{"x":'.repeat(99),
    ]) {
      assertProblem(await admin.call('POST', ROUTES, { body }), 'bad_request', /nested/);
    }
    const brackets = { name: '[{'.repeat(200), then: { effects: { '{': '\\"[[' } } };
    assert.deepEqual(problemsOf(await admin.call('POST', ROUTES, { json: { ...brackets, x: 1 } })), [
      'x unknown_field',
    ]);
  });
});
