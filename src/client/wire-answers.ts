// The results of a daemon's answers, as this library gives them to its callers. One that isn't of the protocol's shape is
// a defect on the other side: it is told as `internal`, and is never the caller's fault, nor thrown at them later, when
// they look at it.
import { SignalboxError } from '../errors.js';
import type { Hello } from '../protocol/messages.js';
import type { Decision } from './decision.js';

type Fields = Readonly<Record<string, unknown>>;

/** @throws SignalboxError `internal` if the result is no decision. */
export function decisionFromWire(result: unknown, callerModel: string): Decision {
  const wire = fieldsOf(result, 'decision');
  const targetModel = nullable(isText, wire, 'target_model');
  return {
    failOpen: false,
    model: targetModel ?? callerModel,
    targetModel,
    routeId: nullable(isText, wire, 'route_id'),
    route: nullable(isText, wire, 'route'),
    fallbacks: required(isListOfTexts, wire, 'fallbacks'),
    disableCache: required(isFlag, wire, 'disable_cache'),
    maxCostUsd: nullable(isNumber, wire, 'max_cost_usd'),
    effects: required(isMap, wire, 'effects'),
    paused: required(isFlag, wire, 'paused'),
    // A reason that a newer daemon may have doesn't make its decision any worse.
    reason: required(isText, wire, 'reason') as Decision['reason'],
    message: null,
    revision: required(isNumber, wire, 'revision'),
    stale: required(isFlag, wire, 'stale'),
  };
}

/** @throws SignalboxError `internal` if the result is none of `hello`. */
export function helloFromWire(result: unknown): Hello {
  const wire = fieldsOf(result, 'greeting');
  if (required(isNumber, wire, 'max_frame_bytes') > 0) return result as Hello;
  throw malformed(`max_frame_bytes is ${String(wire['max_frame_bytes'])}`);
}

function fieldsOf(result: unknown, name: string): Fields {
  if (isMap(result)) return result;
  throw malformed(`${Array.isArray(result) ? 'a list' : typeof result} is no ${name}`);
}

function required<T>(is: (value: unknown) => value is T, wire: Fields, key: string): T {
  const value = wire[key];
  if (is(value)) return value;
  throw malformed(`${key} is ${value === undefined ? 'missing' : `of the wrong type: ${typeof value}`}`);
}

function nullable<T>(is: (value: unknown) => value is T, wire: Fields, key: string): T | null {
  return wire[key] === null ? null : required(is, wire, key);
}

function malformed(what: string): SignalboxError {
  return new SignalboxError('internal', `what answers at the socket does not keep to the protocol: ${what}`);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isFlag(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}
