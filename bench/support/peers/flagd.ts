// @openfeature/flagd-core: the org is one flag, its routes are variants, and the conditions its targeting, which flagd
// compiles.
import type { EvaluationContext } from '@openfeature/core';
import { FlagdCore } from '@openfeature/flagd-core';
import { firstMatch } from './json-logic.js';
import type { Peer } from './peer.js';

const FLAG = 'org';
const NONE = 'none';

export const flagdCore: Peer = (routes) => {
  const core = new FlagdCore();
  const variants = Object.fromEntries([NONE, ...routes.map(({ name }) => name)].map((name) => [name, name]));
  const flag = { state: 'ENABLED', variants, defaultVariant: NONE, targeting: firstMatch(routes) };
  core.setConfigurations(JSON.stringify({ flags: { [FLAG]: flag } }));
  return (request) => {
    // An evaluation context is a map of anything; an interface has no index signature.
    const { value } = core.resolveStringEvaluation(FLAG, NONE, request as unknown as EvaluationContext);
    return value === NONE ? null : value;
  };
};
