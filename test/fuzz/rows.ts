// Rows of a database in which people write by hand: each is a route that compiles, or it is refused with a reason; no
// object's prototype changes, and nothing else of the org is lost.
import { compileTable } from '../../src/routing/compile.js';
import { Problems } from '../../src/routing/problem.js';
import { parseRouteDraft } from '../../src/routing/validate.js';
import { orgRoutes } from '../../src/store/mysql/route-rows.js';
import type { Random } from '../support/random.js';
import { changed, jsonText } from './route-texts.js';
import { type Target, expect } from './target.js';

export const rows: Target = {
  name: 'rows',
  unit: 'rows',
  isInProcess: true,
  inputs: 200_000,
  open: async () => ({
    generate: (random, corpus) =>
      corpus.length > 0 && random.chance(0.2) ? changed(random, random.pick(corpus)) : rowText(random),
    run: (input) => {
      readRow(input.toString());
      return 1;
    },
    close: async () => undefined,
  }),
};

const ORG = '0190a000-0000-7000-8000-000000000001';
const GOOD = {
  id: Buffer.alloc(16, 1),
  name: 'good',
  priority: '1',
  enabled: '1',
  paused: '0',
  when: '{}',
  then: '{"disable_cache":true}',
  revision: '3',
  org_revision: '3',
  epoch: '0',
};

/** The columns, one a line: name, priority, `when`, `then`. */
function rowText(random: Random): Buffer {
  const name = random.pick(['a', '', ' ', '\u0085', '__proto__', 'x'.repeat(300)]);
  const priority = random.pick(['0', '100', '4294967295', '4294967296', '-1', '1.5', '', 'NaN']);
  const when = random.pick(['{}', '{"model_in":["gpt-4o"]}', deepText(random), jsonText(random, 6)]);
  const then = random.pick([
    '{"target_model":"x"}',
    '{"effects":{"redact":true}}',
    `{"effects":${jsonText(random, 6)}}`,
    jsonText(random),
  ]);
  return changed(random, [name, priority, when, then].join('\n'));
}

/** Nothing that a stack could hold. */
function deepText(random: Random): string {
  const depth = random.pick([10, 1000, 20_000]);
  return random.chance(0.5)
    ? '['.repeat(depth) + ']'.repeat(depth)
    : '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
}

function readRow(text: string): void {
  const [name = '', priority = '', when = '', then = ''] = text.split('\n');
  const bad = { ...GOOD, id: Buffer.alloc(16, 2), name, priority, when, then };
  const read = orgRoutes(ORG, [bad, GOOD]);
  const refused = read.refused ?? [];
  expect(
    read.routes.length + refused.length === 2,
    () => `two rows are ${read.routes.length} routes and ${refused.length} refused`,
  );
  expect(
    read.routes.some((route) => route.name === 'good'),
    () => 'the good row is lost',
  );
  for (const { message } of refused) expect(message !== '', () => 'refused without a reason');
  for (const { id, paused, revision, ...draft } of read.routes) {
    expect(id !== '' && typeof paused === 'boolean' && revision === 3, () => 'a route that is not whole');
    const problems = new Problems();
    parseRouteDraft(structuredClone(draft), [], problems);
    expect(
      problems.list.length === 0,
      () => `read, but refused when it is read again: ${JSON.stringify(problems.list)}`,
    );
  }
  compileTable(read.routes, 3);
  expect(Object.keys(Object.prototype).length === 0, () => 'the prototype of objects has changed');
}
