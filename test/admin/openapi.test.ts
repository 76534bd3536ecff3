// The OpenAPI document, served by what it describes: the same operations, and answers in the shapes that it says.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ENDPOINTS } from '../../src/admin/endpoints.js';
import { draft, org } from '../support/routes.js';
import { type AdminUnderTest, startAdmin } from './admin-under-test.js';
import { RememberingStore } from '../support/remembering-store.js';

interface Content {
  readonly schema: { readonly $ref?: string };
}

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Content>> }>>;
  readonly security?: readonly unknown[];
}

interface Document {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Record<string, unknown>>> };
}

async function documentOf(admin: AdminUnderTest): Promise<Document> {
  return (await admin.call('GET', '/openapi.json')).json as Document;
}

function operationsOf({ paths }: Document): [string, string, Operation][] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]): [string, string, Operation] => [
      method.toUpperCase(),
      path,
      operation,
    ]),
  );
}

describe('the OpenAPI document', () => {
  it('has every endpoint, and nothing that is none', async () => {
    await using admin = await startAdmin();
    const document = await documentOf(admin);
    assert.equal(document.openapi, '3.1.0');
    assert.equal(document.info.version, '1.2.3-test');
    const described = operationsOf(document).map(([method, path]) => `${method} ${path}`);
    assert.deepEqual(described.sort(), ENDPOINTS.map(({ method, path }) => `${method} ${path}`).sort());
    const ids = operationsOf(document).map(([, , { operationId }]) => operationId);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('is true of the methods: those that a path has are answered, all others are refused', async () => {
    await using admin = await startAdmin({ store: new RememberingStore() });
    const document = await documentOf(admin);
    for (const [path, operations] of Object.entries(document.paths)) {
      const real = path.replace('{org_id}', org(1)).replace('{route_id}', org(2));
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        // Not to its end: decisions have none.
        const answer = await admin.client.request({ method, path: real });
        const { statusCode: status, headers, body } = answer;
        body.on('error', () => undefined).destroy();
        if (method.toLowerCase() in operations) {
          assert.notEqual(status, 405, `${method} ${path}`);
          assert.ok(
            String(status) in (operations[method.toLowerCase()]?.responses ?? {}),
            `${method} ${path} ${status}`,
          );
        } else {
          assert.equal(status, 405, `${method} ${path}`);
          const allow = Object.keys(operations).map((each) => each.toUpperCase());
          const given = String(headers['allow'])
            .split(', ')
            .filter((each) => each !== 'HEAD');
          assert.deepEqual(given.sort(), allow.sort());
        }
      }
    }
  });

  it('names every parameter of its paths, and only shapes that it has', async () => {
    await using admin = await startAdmin();
    const document = await documentOf(admin);
    for (const [, path, { parameters }] of operationsOf(document)) {
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
      assert.deepEqual(inPath, path.match(/\{\w+\}/g) ?? []);
    }
    const names = Object.keys(document.components.schemas);
    const refs = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    assert.deepEqual([...new Set(refs)].sort(), names.sort());
  });

  it('asks for a token everywhere but where the daemon says that it lives', async () => {
    await using admin = await startAdmin();
    const open = operationsOf(await documentOf(admin)).filter(([, , { security }]) => security?.length === 0);
    assert.deepEqual(
      open.map(([, path]) => path),
      ['/healthz', '/readyz'],
    );
  });

  it('says the members that answers have', async () => {
    await using admin = await startAdmin({ store: new RememberingStore() });
    const document = await documentOf(admin);
    const base = `/v1/orgs/${org(1)}`;
    const { json } = await admin.call('POST', `${base}/routes`, { json: draft('a') });
    const { id } = json as { readonly id: string };
    for (const [method, path, operation] of operationsOf(document)) {
      const ref = operation.responses['200']?.content?.['application/json']?.schema.$ref;
      if (method !== 'GET' || ref === undefined) continue;
      const schema = document.components.schemas[ref.split('/').at(-1) ?? ''] ?? {};
      const answer = await admin.call(method, path.replace('{org_id}', org(1)).replace('{route_id}', id));
      assert.equal(answer.status, 200, path);
      assertShape(answer.json, schema, document.components.schemas, path);
    }
  });
});

/** As much of JSON Schema as says which members there must and may be, all the way down. */
function assertShape(
  value: unknown,
  schema: Readonly<Record<string, unknown>>,
  schemas: Readonly<Record<string, Record<string, unknown>>>,
  at: string,
): void {
  const {
    $ref: ref,
    properties,
    required = [],
    items,
  } = schema as {
    readonly $ref?: string;
    readonly properties?: Readonly<Record<string, Record<string, unknown>>>;
    readonly required?: readonly string[];
    readonly items?: Record<string, unknown>;
  };
  if (ref !== undefined) return assertShape(value, schemas[ref.split('/').at(-1) ?? ''] ?? {}, schemas, at);
  if (Array.isArray(value) && items !== undefined) {
    for (const [index, item] of value.entries()) assertShape(item, items, schemas, `${at}[${index}]`);
  }
  if (properties === undefined) return;
  assert.ok(typeof value === 'object' && value !== null, at);
  for (const name of required) assert.ok(Object.hasOwn(value, name), `${at}: ${name} is missing`);
  for (const [name, member] of Object.entries(value)) {
    const known = properties[name];
    assert.ok(known !== undefined, `${at}: ${name} is not described`);
    assertShape(member, known, schemas, `${at}.${name}`);
  }
}
