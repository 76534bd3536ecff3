// Well-formed MessagePack that is no valid request: every field of the wrong type or out of its range, ids, parameters
// and messages of the wrong shape. Each is one bad_request, and what a map's keys are called is never more than data.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertBadRequest, assertGoodAnswer, goodId } from '../support/hostile-fixture.js';
import { goodParams, goodPayload, orgId, useHostileFixture } from '../support/hostile-fixture.js';
import { arrayOf, hex, mapOf } from '../support/wire-bytes.js';
import { pack } from '../support/wire-client.js';
import { exchangePayloads } from '../support/wire-exchange.js';

const requestId = 77;
const zero = pack(0);
const method = pack('resolve');
const good = arrayOf(pack(goodParams));

type Entry = readonly [key: Uint8Array, value: Uint8Array];
const goodEntries: readonly Entry[] = Object.entries(goodParams).map(([key, value]) => [
  pack(key),
  pack(value),
]);

/** A resolve with these entries behind the good ones, as bytes. */
function requestWithEntries(...entries: readonly Entry[]): Buffer {
  return arrayOf(zero, pack(requestId), method, arrayOf(mapOf(...goodEntries, ...entries)));
}

/** A resolve with the good parameters, one of them replaced. */
function requestWith(key: string, value: Uint8Array): Buffer {
  const others = Object.entries(goodParams).filter(([known]) => known !== key);
  const entries = others.map(([known, other]): Entry => [pack(known), pack(other)]);
  return arrayOf(zero, pack(requestId), method, arrayOf(mapOf(...entries, [pack(key), value])));
}

const text = { 'a text': pack('5') };
const integer = { 'an integer': pack(5) };
const truths = { true: pack(true), false: pack(false) };
const bin = { 'a binary': pack(Buffer.from('gpt-4o')) };
const containers = {
  'a list': pack(['x']),
  'an empty list': pack([]),
  'a map': pack({ a: 1 }),
  'an empty map': pack({}),
};
const notFinite = {
  NaN: pack(Number.NaN),
  Infinity: pack(Infinity),
  '-Infinity': pack(-Infinity),
  'a 32-bit NaN': hex('ca 7fc00000'),
  'a 32-bit Infinity': hex('ca 7f800000'),
};
const noUint32 = {
  '-1': pack(-1),
  '-1 in 64 bits': pack(-1n),
  'the smallest integer': hex('d3 8000000000000000'),
  '1.5': pack(1.5),
  '2 ** 32': hex('cf 0000000100000000'),
  '2 ** 32 as a signed integer': hex('d3 0000000100000000'),
  'the largest integer': hex('cf ffffffffffffffff'),
  '2 ** 32 as a float': hex('cb 41f0000000000000'),
};
const invalidUtf8 = {
  'a lone continuation byte': hex('a1 80'),
  'a cut-off sequence': hex('a2 e2 82'),
  'an overlong slash': hex('a2 c0 af'),
  'a surrogate': hex('a3 ed a0 80'),
  'a code point past the last': hex('a4 f4 90 80 80'),
  'a Latin-1 letter': hex('a6 67 70 74 2d 34 e9'),
  'a bad byte after much text': Buffer.concat([hex('d9 81'), Buffer.alloc(128, 'x'), hex('ff')]),
};
const notText = { ...integer, ...truths, ...bin, ...containers, '1.5': pack(1.5), ...invalidUtf8 };
const notUint32 = { ...noUint32, ...notFinite, ...text, ...truths, ...bin, ...containers };
const notBool = {
  '0': pack(0),
  '1': pack(1),
  'the text true': pack('true'),
  '1.5': pack(1.5),
  ...bin,
  ...containers,
};

const hexDigits = orgId.replaceAll('-', '');
const notUuid = {
  'the empty text': pack(''),
  'a text that is too short': pack(orgId.slice(1)),
  'a text that is too long': pack(`${orgId}0`),
  'a UUID without hyphens': pack(hexDigits),
  'a UUID with its hyphens moved': pack(`0190a-000000-7000-8000-000000000abc`),
  'a UUID with other separators': pack(orgId.replaceAll('-', '_')),
  'a UUID in braces': pack(`{${orgId}}`),
  'a UUID with white space': pack(`${orgId.slice(0, -1)} `),
  'a digit that is not hexadecimal': pack(`${orgId.slice(0, -1)}g`),
  'a sign among the digits': pack(`+190a000-0000-7000-8000-000000000abc`),
  'a full-width digit': pack(`${orgId.slice(0, -1)}\uff11`),
  'the bytes of a UUID as text of 16 letters': pack('0190a00000007000'),
  'no bytes': pack(Buffer.alloc(0)),
  '15 bytes': pack(Buffer.alloc(15, 1)),
  '17 bytes': pack(Buffer.alloc(17, 1)),
  'the text of a UUID as bytes': pack(Buffer.from(orgId)),
  nil: pack(null),
};

const wrong: Readonly<Record<string, Readonly<Record<string, Buffer>>>> = {
  org_id: { ...notUuid, ...integer, ...truths, ...containers, '1.5': pack(1.5), ...invalidUtf8 },
  model: { ...notText, nil: pack(null) },
  input_tokens: notUint32,
  tag: notText,
  prompt: notText,
  has_images: notBool,
  has_audio: notBool,
  has_documents: notBool,
  estimated_cost_usd: { ...notFinite, ...text, ...truths, ...bin, ...containers },
  content_type: notText,
  upstream_p95_ms: notUint32,
  reasoning_class: notBool,
  force_route: notText,
};

describe('hostile values', { timeout: 120_000 }, () => {
  const fixture = useHostileFixture();
  const refused = (payload: Uint8Array, id: number | null | 'any'): Promise<void> =>
    assertBadRequest(fixture.daemon.socketPath, payload, id);

  for (const [key, values] of Object.entries(wrong)) {
    test(`a value that ${key} can't have is a bad request with the request's id`, async () => {
      for (const [label, value] of Object.entries(values)) {
        await assert.doesNotReject(refused(requestWith(key, value), requestId), `${key}: ${label}`);
      }
    });
  }

  test('a request without its org or its model is a bad request', async () => {
    for (const params of [{}, { org_id: orgId }, { model: 'gpt-4o' }, { orgId, model: 'gpt-4o' }]) {
      await refused(pack([0, requestId, 'resolve', [params]]), requestId);
    }
  });

  test('a known key that is said twice is a bad request, equal or not', async () => {
    for (const [key, value] of Object.entries(goodParams)) {
      await refused(requestWithEntries([pack(key), pack(value)]), requestId);
      await refused(requestWithEntries([pack(key), pack(null)]), requestId);
    }
    const tag: Entry = [pack('tag'), pack('x')];
    await refused(requestWithEntries(tag, [hex('d9 03 746167'), pack('y')]), requestId);
  });

  test('parameters with a key that is no text are a bad request', async () => {
    const keys = [
      '00',
      'ff',
      'c0',
      'c3',
      'cb 3ff0000000000000',
      'c4 05 6d6f64656c',
      '90',
      '80',
      '91 a1 61',
      'd4 01 00',
    ];
    for (const key of keys) await refused(requestWithEntries([hex(key), pack('x')]), 'any');
  });

  test("keys that JavaScript's objects know are unknown keys like any other", async () => {
    const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__'];
    const poison = pack({ force_route: 'any', stale: true, tag: 5, prototype: { force_route: 'any' } });
    for (const name of names) {
      for (const value of [poison, pack(null), pack(1), mapOf([pack('__proto__'), poison])]) {
        const answers = await exchangePayloads(
          fixture.daemon.socketPath,
          arrayOf(zero, pack(goodId), method, arrayOf(mapOf([pack(name), value], ...goodEntries))),
          arrayOf(zero, pack(goodId), method, arrayOf(mapOf(...goodEntries, [pack(name), value]))),
          goodPayload,
        );
        assert.equal(answers.length, 3, name);
        for (const answer of answers) assertGoodAnswer(answer);
      }
    }
    // What one request brought along is not there for the next one, on any connection.
    await fixture.control.roundTrips();
  });

  test('an id that is no unsigned 32-bit integer is a bad request without an id', async () => {
    const ids = { ...noUint32, ...notFinite, ...text, ...truths, ...bin, ...containers, nil: pack(null) };
    for (const [label, id] of Object.entries(ids)) {
      await assert.doesNotReject(refused(arrayOf(zero, id, method, good), null), `id ${label}`);
    }
  });

  test('parameters that are no list of one map are a bad request with the id', async () => {
    const params = { nil: pack(null), 'no list': pack(goodParams), 'an empty list': pack([]) };
    const lists = {
      'two maps': pack([goodParams, goodParams]),
      'a list in the list': pack([[goodParams]]),
      nil: pack([null]),
      text: pack(['resolve']),
      integer: pack([1]),
    };
    for (const value of [...Object.values(params), ...Object.values(lists), ...Object.values(text)]) {
      await refused(arrayOf(zero, pack(requestId), method, value), requestId);
      await refused(arrayOf(zero, pack(requestId), pack('hello'), value), requestId);
    }
  });

  test('a method that is no text is a bad request with the id', async () => {
    for (const value of [
      pack(null),
      pack(1),
      pack(Buffer.from('resolve')),
      pack(['resolve']),
      hex('a1 ff'),
    ]) {
      await refused(arrayOf(zero, pack(requestId), value, good), requestId);
    }
  });

  test('a message of another length or type is a bad request', async () => {
    const id = pack(requestId);
    await refused(arrayOf(), null);
    await refused(arrayOf(zero), null);
    await refused(arrayOf(zero, id), 'any');
    await refused(arrayOf(zero, id, method), 'any');
    await refused(arrayOf(zero, id, method, good, pack(null)), 'any');
    // A response is the daemon's to send, and there is no type after 2.
    await refused(arrayOf(pack(1), id, pack(null), pack({})), 'any');
    for (const type of [3, -1, 0.5, 2 ** 32, null, '0', true, [], {}]) {
      await refused(arrayOf(pack(type), id, method, good), 'any');
    }
  });

  test('a payload that is no array is a bad request without an id', async () => {
    for (const value of [
      null,
      true,
      0,
      77,
      -1,
      1.5,
      'resolve',
      '',
      Buffer.alloc(8),
      {},
      { 0: 0, 1: requestId },
    ]) {
      await refused(pack(value), null);
    }
  });
});
