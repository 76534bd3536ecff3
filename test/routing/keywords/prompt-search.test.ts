// A long prompt that has a great many keywords: what was found is gone through a little at a time, as the prompt was.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileTable } from '../../../src/routing/compile.js';
import { RouteIndex } from '../../../src/routing/index/route-index.js';
import { PromptSearch } from '../../../src/routing/keywords/prompt-search.js';
import type { ResolveRequest } from '../../../src/routing/request.js';
import { PROMPT, signalsOf } from '../../../src/routing/signals.js';
import { route } from '../../support/routes.js';

const KEYWORDS = 3000;
/** Searched, and so gone through, at a time. */
const BYTES = 1024;
const HITS = BYTES / 4;

const keywordOf = (row: number): string => `keyword-${row}-`;
/** Each route asks for a keyword of its own, and none is for the request but the one in the middle. */
const wanted = KEYWORDS / 2;
const routes = Array.from({ length: KEYWORDS }, (_, row) =>
  route(`r${row}`, {
    when: { tag_equals: row === wanted ? 'yes' : 'no', prompt_contains_any_of: [keywordOf(row)] },
  }),
);
// The first row that is left, were it not for the prompt.
const table = compileTable([route('first', { when: { prompt_contains_any_of: ['never'] } }), ...routes], 1);
const prompt = Array.from({ length: KEYWORDS }, (_, row) => keywordOf(row)).join(' ');

/** What is decided, and in how many attempts after the prompt was searched. */
function decide(request: ResolveRequest): { readonly route: string | null; readonly attempts: number } {
  const index = new RouteIndex(table.index);
  const signals = signalsOf(request).copy();
  const search = (signals.search = new PromptSearch());
  const { bytes, starts, ends } = signals;
  let outcome = index.select(signals);
  let attempts = 0;
  while (search.isLacking) {
    if (!search.advance(bytes, starts[PROMPT] ?? 0, ends[PROMPT] ?? 0, BYTES)) continue;
    outcome = index.select(signals);
    attempts += 1;
  }
  return { route: table.outcomes[outcome]?.route ?? null, attempts };
}

describe('the search of a long prompt', () => {
  it('goes through the keywords that it has found in several attempts, and misses none', () => {
    assert.deepEqual(decide({ model: 'm', tag: 'yes', prompt }), {
      route: `r${wanted}`,
      attempts: Math.ceil(KEYWORDS / HITS),
    });
    assert.equal(decide({ model: 'm', tag: 'no', prompt }).route, 'r0');
    assert.equal(decide({ model: 'm', tag: 'other', prompt }).route, null);
  });

  it('needs one attempt where few were found, or none are asked for', () => {
    const short = `${keywordOf(wanted)}${keywordOf(7)}`;
    assert.deepEqual(decide({ model: 'm', tag: 'yes', prompt: short }), { route: `r${wanted}`, attempts: 1 });
    assert.deepEqual(decide({ model: 'm', tag: 'yes' }), { route: null, attempts: 0 });
  });
});
