// What the hostile-input tests share: a daemon with one org, well-behaved connections that are served all the while,
// and the proof that a bad payload got one bad_request and did no other harm.
import assert from 'node:assert/strict';
import { after, afterEach, before } from 'node:test';
import { type DaemonProcess, startDaemonProcess } from './daemon-process.js';
import { pack } from './wire-client.js';
import { type Answer, ControlConnections, exchangePayloads, resultOf } from './wire-exchange.js';

export const orgId = '0190a000-0000-7000-8000-000000000abc';
export const goodParams = { org_id: orgId, model: 'gpt-4o', input_tokens: 100, prompt: 'hello' };
export const goodId = 4_000_000_000;
export const goodPayload = pack([0, goodId, 'resolve', [goodParams]]);

const routes = `
orgs:
  ${orgId}:
    - name: cheap-short
      when: { model_in: [gpt-4o], input_tokens_lt: 500, prompt_contains_any_of: [hello] }
      then: { target_model: gpt-4o-mini }
    - name: any
      then: { disable_cache: true }
`;

export interface HostileFixture {
  readonly daemon: DaemonProcess;
  readonly control: ControlConnections;
}

/** To be called in a `describe`: the daemon and the connections that must never notice what the tests do. */
export function useHostileFixture(): HostileFixture {
  let daemon: DaemonProcess | undefined;
  let control: ControlConnections | undefined;
  const started = <T>(value: T | undefined): T => {
    assert.ok(value !== undefined, 'the daemon did not start');
    return value;
  };
  before(
    async () => {
      // A long timeout, so that a slow machine can't turn an answer into `unavailable`.
      daemon = await startDaemonProcess({ routes, args: ['--resolve-timeout', '20s'] });
      control = await ControlConnections.open(daemon.socketPath, 2, goodParams);
    },
    { timeout: 30_000 },
  );
  afterEach(() => started(control).roundTrips(), { timeout: 30_000 });
  after(
    async () => {
      try {
        await control?.stop();
      } finally {
        await daemon?.stop();
      }
    },
    { timeout: 30_000 },
  );
  return {
    get daemon() {
      return started(daemon);
    },
    get control() {
      return started(control);
    },
  };
}

/** Checks that the good request was answered as ever. */
export function assertGoodAnswer(answer: Answer | undefined): void {
  const { route, target_model: target } = resultOf(answer);
  assert.deepEqual([answer?.id, route, target], [goodId, 'cheap-short', 'gpt-4o-mini']);
}

/**
 * Sends the payload with a good request behind it on the same connection: the payload must get exactly one
 * `bad_request` with that id, and the good request its decision. 'any' is for payloads so broken that the protocol
 * leaves open whether their id can still be read: the request's own or nil.
 */
export async function assertBadRequest(
  socketPath: string,
  payload: Uint8Array,
  id: number | null | 'any',
): Promise<void> {
  const answers = await exchangePayloads(socketPath, payload, goodPayload);
  assert.equal(answers.length, 2, `one answer each, not ${JSON.stringify(answers)}`);
  assertGoodAnswer(answers.find((answer) => answer.id === goodId));
  const refusal = answers.find((answer) => answer.id !== goodId);
  assert.ok(refusal !== undefined, 'both answers have the id of the good request');
  assert.equal(refusal.error?.code, 'bad_request', JSON.stringify(refusal));
  if (id !== 'any') assert.equal(refusal.id, id);
}
