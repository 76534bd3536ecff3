// What the client library reads out of a chat-completion body: the whole corpus, then bodies that are none.
import { strict as assert } from 'node:assert';
import { describe, it } from 'node:test';
import { requestFromChatCompletion } from '../../src/client/chat-completion.js';
import { loadChatFixtures, requestedModel } from '../support/chat-fixtures.js';

const orgId = '0190a000-0000-7000-8000-000000000001';
const maxUint32 = 4_294_967_295;

const fixtures = await loadChatFixtures();

function fromMessages(messages: unknown): ReturnType<typeof requestFromChatCompletion> {
  return requestFromChatCompletion({ model: 'gpt-4o', messages }, { orgId });
}

function assertTokenCount(inputTokens: unknown): void {
  assert.ok(
    typeof inputTokens === 'number' &&
      Number.isSafeInteger(inputTokens) &&
      inputTokens >= 0 &&
      inputTokens <= maxUint32,
    `a number of tokens was expected, not ${String(inputTokens)}`,
  );
}

describe('a request from a chat-completion body', () => {
  for (const fixture of fixtures) {
    it(`${fixture.name}: ${fixture.about}`, () => {
      const before = JSON.stringify(fixture.body);
      const request = requestFromChatCompletion(fixture.body, fixture.options);
      assert.equal(request.model, requestedModel(fixture));
      assert.equal(request.prompt, fixture.derived.prompt);
      assert.equal(request.hasImages, fixture.derived.hasImages);
      assert.equal(request.hasAudio, fixture.derived.hasAudio);
      assert.equal(request.hasDocuments, fixture.derived.hasDocuments);

      const { options } = fixture;
      assert.equal(request.orgId, options.orgId);
      assert.equal(request.tag, options.tag);
      assert.equal(request.estimatedCostUsd, options.estimatedCostUsd);
      assert.equal(request.contentType, options.contentType);
      assert.equal(request.upstreamP95Ms, options.upstreamP95Ms);
      assert.equal(request.reasoningClass, options.reasoningClass);
      assert.equal(request.forceRoute, options.forceRoute);
      if (options.inputTokens === undefined) assertTokenCount(request.inputTokens);
      else assert.equal(request.inputTokens, options.inputTokens);

      assert.equal(JSON.stringify(fixture.body), before, 'the body belongs to the caller');
    });
  }
});

describe('the prompt', () => {
  it('is unknown when the body has no messages', () => {
    assert.equal(requestFromChatCompletion({ model: 'gpt-4o' }, { orgId }).prompt, undefined);
  });

  it('is unknown when the body is that of another interface', () => {
    const request = requestFromChatCompletion({ model: 'gpt-3.5-turbo-instruct', prompt: 'Once' }, { orgId });
    assert.equal(request.prompt, undefined);
    assert.equal(request.model, 'gpt-3.5-turbo-instruct');
  });

  it('is known and empty when the list of messages is empty', () => {
    assert.equal(fromMessages([]).prompt, '');
  });

  it('keeps white space, carriage returns and byte order marks as they are', () => {
    assert.equal(fromMessages([{ role: 'user', content: '\uFEFF a\r\nb \t' }]).prompt, '\uFEFF a\r\nb \t');
  });

  it('has one line feed fewer than it has user and system messages', () => {
    const messages = Array.from({ length: 50 }, () => ({ role: 'user', content: null }));
    assert.equal(fromMessages(messages).prompt, '\n'.repeat(49));
  });

  it('takes the place of a message whose content is of no known kind with an empty line', () => {
    const messages = [
      { role: 'user', content: 'before' },
      { role: 'user', content: 42 },
      { role: 'user', content: { text: 'an object' } },
      { role: 'user', content: 'after' },
    ];
    assert.equal(fromMessages(messages).prompt, 'before\n\n\nafter');
  });

  it('leaves nothing of messages that are none', () => {
    assert.equal(fromMessages([null, { role: 'user', content: 'only' }, 7, 'text', [], {}]).prompt, 'only');
  });

  it('reads the parts that are text beside parts that are none', () => {
    const content = [
      null,
      3,
      {},
      { type: 'text' },
      { type: 'text', text: 5 },
      { type: 'text', text: 'read' },
    ];
    assert.equal(fromMessages([{ role: 'user', content }]).prompt, 'read');
  });
});

describe('the modality', () => {
  it('is read from messages of roles that nobody knows', () => {
    const request = fromMessages([
      { role: 'camera', content: [{ type: 'image_url' }, { type: 'document' }] },
    ]);
    assert.deepEqual([request.hasImages, request.hasAudio, request.hasDocuments], [true, false, true]);
    assert.equal(request.prompt, '');
  });

  it('is not read from text that looks like a part', () => {
    const request = fromMessages([{ role: 'user', content: '{"type":"image_url"} input_audio document' }]);
    assert.deepEqual([request.hasImages, request.hasAudio, request.hasDocuments], [false, false, false]);
  });

  it('is never claimed to be there when the body has no messages', () => {
    const request = requestFromChatCompletion({ model: 'gpt-4o' }, { orgId });
    for (const flag of [request.hasImages, request.hasAudio, request.hasDocuments])
      assert.notEqual(flag, true);
  });
});

describe('the number of tokens', () => {
  it('is the given one, be it 0 or the largest', () => {
    for (const inputTokens of [0, 1, 2_147_483_648, maxUint32]) {
      const body = { model: 'gpt-4o', messages: [{ role: 'user', content: 'some words' }] };
      assert.equal(requestFromChatCompletion(body, { orgId, inputTokens }).inputTokens, inputTokens);
    }
  });

  it('is estimated when it is not given, however much or little there is to read', () => {
    for (const content of ['', 'some words', 'some words '.repeat(100_000), '\u{1F469}\u200D\u2695', null]) {
      assertTokenCount(fromMessages([{ role: 'user', content }]).inputTokens);
    }
    assertTokenCount(fromMessages([]).inputTokens);
  });
});

describe('a malformed body', () => {
  const bodies: Record<string, unknown> = {
    undefined: undefined,
    null: null,
    'a number': 12,
    'a string': '{"model":"gpt-4o"}',
    'a list': [{ role: 'user', content: 'Hi' }],
    'an empty object': {},
    'a model of null': { model: null, messages: [] },
    'a model that is a number': { model: 4, messages: [] },
    'messages of null': { messages: null },
    'messages that are text': { messages: 'Hi' },
    'messages that are an object': { messages: { 0: { role: 'user', content: 'Hi' }, length: 1 } },
    'a message of null': { messages: [null] },
    'a message that is text': { messages: ['Hi'] },
    'a message without a role': { messages: [{ content: 'Hi' }] },
    'a role that is a number': { messages: [{ role: 1, content: 'Hi' }] },
    'content that is a number': { messages: [{ role: 'user', content: 1 }] },
    'content that is true': { messages: [{ role: 'user', content: true }] },
    'content that is an object': { messages: [{ role: 'user', content: { type: 'text', text: 'Hi' } }] },
    'parts that are null': { messages: [{ role: 'user', content: [null, null] }] },
    'parts that are text': { messages: [{ role: 'user', content: ['Hi', 'there'] }] },
    'parts that are lists': { messages: [{ role: 'user', content: [[{ type: 'text', text: 'Hi' }]] }] },
    'parts without a type': { messages: [{ role: 'user', content: [{ text: 'Hi' }] }] },
    'a text part of null': { messages: [{ role: 'user', content: [{ type: 'text', text: null }] }] },
    'an image without an image': { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] },
  };

  for (const [what, body] of Object.entries(bodies)) {
    it(`asks for the model '' and does not throw: ${what}`, () => {
      const request = requestFromChatCompletion(body, { orgId, tag: 'kept' });
      assert.equal(request.model, '');
      assert.equal(request.orgId, orgId);
      assert.equal(request.tag, 'kept');
      // What isn't there has no tokens that anybody knows of.
      if (request.prompt === undefined) assert.equal(request.inputTokens, undefined);
      else assertTokenCount(request.inputTokens);
      assert.ok(request.prompt === undefined || typeof request.prompt === 'string');
    });
  }
});
