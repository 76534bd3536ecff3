// The ways in which one client can try to hurt the others.
import { stringify } from 'yaml';
import { ORG, orgId } from './payloads.js';
import { TYPICAL_RULES } from './typical.js';

export const ABUSES = [
  'a-busy-neighbour',
  'a-flood',
  'never-reading',
  'huge-frames',
  'slow-frames',
  'garbage',
  'keyword-rules',
  'invented-orgs',
  'connect-and-close',
  'oversize-headers',
  'republished-rules',
] as const;

export type Abuse = (typeof ABUSES)[number];

/** An org with more rules, of the dearest kind, than anybody should have. */
export const ABUSED_ORG = orgId(2);

const KEYWORD_RULES = 4000;

/** The org that the load is about, and the one with the rules. */
export function abusedRouteFileText(edition = 0): string {
  const keywordRules = Array.from({ length: KEYWORD_RULES }, (_, index) => ({
    name: `keyword-${index}`,
    when: { prompt_contains_any_of: [`the quick brown ${index.toString(36)} ${edition}`] },
    then: { disable_cache: true },
  }));
  return stringify({ orgs: { [ORG]: TYPICAL_RULES, [ABUSED_ORG]: keywordRules } });
}
