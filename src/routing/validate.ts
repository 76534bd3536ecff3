// Parses what a writer gives for a route: every problem at once, or a draft that the inside can trust. What the
// engine means by a field is in compile.ts; what a writer may say is here, and is stricter (a blank keyword matches
// every prompt, so nobody may write one).
import {
  type Check,
  type Fields,
  boolean,
  checkFields,
  costBound,
  costLimit,
  describe,
  distinctTexts,
  effects,
  isBlank,
  isMap,
  oneOf,
  orNull,
  textNotBlank,
  uint32,
} from './checks.js';
import type { Path, Problems } from './problem.js';
import { type Action, type Conditions, CONTENT_TYPES, DEFAULT_PRIORITY, type RouteDraft } from './route.js';

const CONDITIONS: Fields & Record<keyof Conditions, Check> = {
  model_in: distinctTexts,
  input_tokens_lt: orNull(uint32),
  input_tokens_gt: orNull(uint32),
  tag_equals: orNull(textNotBlank),
  has_images: orNull(boolean),
  has_audio: orNull(boolean),
  has_documents: orNull(boolean),
  prompt_contains_any_of: distinctTexts,
  estimated_cost_gt: orNull(costBound),
  estimated_cost_lt: orNull(costBound),
  content_type: orNull(oneOf(CONTENT_TYPES)),
  upstream_latency_ms_p95_gt: orNull(uint32),
  not_reasoning_class: boolean,
};

const ACTION: Fields & Record<keyof Action, Check> = {
  target_model: orNull(textNotBlank),
  fallbacks: distinctTexts,
  disable_cache: boolean,
  max_cost_usd: orNull(costLimit),
  effects,
};

const DRAFT: Fields & Record<keyof RouteDraft, Check> = {
  name: textNotBlank,
  priority: uint32,
  enabled: boolean,
  when: (value, at, problems) => {
    checkFields(value, CONDITIONS, at, problems);
  },
  then: (value, at, problems) => {
    if (checkFields(value, ACTION, at, problems)) checkAction(value as Action, at, problems);
  },
};

/**
 * Parses a writer's route. Adds every problem to `problems`, with paths that start with `at`, and returns undefined
 * if there were any; missing fields get their defaults.
 *
 * @param more checks of further fields that this writer may say, such as `id` in a route file.
 */
export function parseRouteDraft(
  value: unknown,
  at: Path,
  problems: Problems,
  more: Fields = {},
): RouteDraft | undefined {
  const before = problems.list.length;
  if (checkFields(value, { ...DRAFT, ...more }, at, problems) && isMap(value)) {
    if (!Object.hasOwn(value, 'name')) problems.add([...at, 'name'], 'invalid_field', 'a route needs a name');
    if (!Object.hasOwn(value, 'then')) problems.add([...at, 'then'], 'no_effect', NO_EFFECT);
  }
  if (problems.list.length > before) return undefined;
  const draft = value as Partial<RouteDraft> & Pick<RouteDraft, 'name' | 'then'>;
  return {
    name: draft.name,
    priority: draft.priority ?? DEFAULT_PRIORITY,
    enabled: draft.enabled ?? true,
    when: draft.when ?? {},
    then: draft.then,
  };
}

const NO_EFFECT =
  'a route must do something: say a target_model, fallbacks, disable_cache: true, max_cost_usd or effects';

/** What can only be seen with all the action's fields at hand; any of them may still be of a wrong type. */
function checkAction(action: Action, at: Path, problems: Problems): void {
  const { target_model: target, fallbacks, disable_cache: disableCache, max_cost_usd: maxCost } = action;
  // Each fallback is reported once: those that repeat an earlier one have been.
  const index = Array.isArray(fallbacks) && typeof target === 'string' ? fallbacks.indexOf(target) : -1;
  if (index !== -1 && !isBlank(target ?? '')) {
    problems.add([...at, 'fallbacks', index], 'duplicate', `${describe(target)} is the target_model already`);
  }
  const says =
    (target ?? null) !== null ||
    (Array.isArray(fallbacks) ? fallbacks.length > 0 : fallbacks !== undefined) ||
    (disableCache !== undefined && disableCache !== false) ||
    (maxCost ?? null) !== null ||
    (action.effects !== undefined && (!isMap(action.effects) || Object.keys(action.effects).length > 0));
  if (!says) problems.add(at, 'no_effect', NO_EFFECT);
}
