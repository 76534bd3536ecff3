// A long prompt and many keywords that begin as its words do, of which none is in it: the whole prompt has to be looked
// at. Beside it, in the same
// rounds, the obvious way: `includes` for each keyword.
import { type Subject, codeCase } from '../../support/code-case.js';
import { compile, decide, decider } from '../../support/engine.js';
import { loremOf } from '../../support/mixes.js';
import { routesOf } from '../../support/typical.js';

const KEYWORDS_PER_ROUTE = 10;

const SIZES: Readonly<Record<string, { readonly keywords: number; readonly bytes: number }>> = {
  '1-keyword-in-1-KB': { keywords: 1, bytes: 1000 },
  '1-keyword-in-100-KB': { keywords: 1, bytes: 100_000 },
  '10-keywords-in-100-KB': { keywords: 10, bytes: 100_000 },
  '300-keywords-in-100-KB': { keywords: 300, bytes: 100_000 },
  '300-keywords-in-1-KB': { keywords: 300, bytes: 1000 },
};

function keywordsOf(count: number): string[] {
  const beginnings = [
    'quarterly',
    'project',
    'List',
    'attached',
    'Meeting',
    'answer',
    'open',
    'please',
    'Summary',
  ];
  return Array.from(
    { length: count },
    (_, index) => `${beginnings[index % beginnings.length] ?? ''} ${index * 7919}`,
  );
}

function signalbox(name: string) {
  return () => {
    const { keywords, bytes } = sizeOf(name);
    const all = keywordsOf(keywords);
    const rules = Array.from({ length: Math.ceil(keywords / KEYWORDS_PER_ROUTE) }, (_, index) => ({
      name: `route-${index}`,
      when: {
        prompt_contains_any_of: all.slice(index * KEYWORDS_PER_ROUTE, (index + 1) * KEYWORDS_PER_ROUTE),
      },
      then: { target_model: 'llama-onprem' },
    }));
    const table = compile(routesOf(rules));
    const request = { model: 'gpt-4o', prompt: loremOf(bytes) };
    if (decide(table, request) !== null) throw new Error('no keyword is in that prompt');
    return { operations: 1, run: decider(table, request) };
  };
}

function includesFor(name: string) {
  return () => {
    const { keywords, bytes } = sizeOf(name);
    const lower = keywordsOf(keywords).map((keyword) => keyword.toLowerCase());
    const prompt = loremOf(bytes);
    return {
      operations: 1,
      run: () => {
        const text = prompt.toLowerCase();
        return lower.some((keyword) => text.includes(keyword));
      },
    };
  };
}

function sizeOf(name: string): { readonly keywords: number; readonly bytes: number } {
  const size = SIZES[name.replace(/^includes-/, '')];
  if (size === undefined) throw new Error(`no size ${name}`);
  return size;
}

export const bench = codeCase({
  about: 'prompt that is searched for keywords; the ratio is to `includes` for each',
  unit: 'MB/s',
  isInReadme: true,
  bytesPerOperation: (name) => sizeOf(name).bytes,
  subjects: Object.fromEntries<Subject>(
    Object.keys(SIZES).flatMap((name): [string, Subject][] => [
      [name, signalbox(name)],
      [`includes-${name}`, includesFor(name)],
    ]),
  ),
  baselineOf: (name) => (name.startsWith('includes-') ? undefined : `includes-${name}`),
});
