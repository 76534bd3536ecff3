// Route files: whatever they hold, they are read or refused, with a place for each problem; and what is read is the same
// when it is written and read again.
import { isDeepStrictEqual } from 'node:util';
import { compileTable } from '../../src/routing/compile.js';
import { formatProblem, parseRouteFile } from '../../src/store/route-file.js';
import { changed, routeFileText } from './route-texts.js';
import { type Target, expect } from './target.js';

export const routes: Target = {
  name: 'routes',
  unit: 'route files',
  isInProcess: true,
  inputs: 50_000,
  open: async () => ({
    generate: (random, corpus) =>
      changed(random, corpus.length > 0 && random.chance(0.2) ? random.pick(corpus) : routeFileText(random)),
    run: (input) => {
      readRouteFile(input.toString());
      return 1;
    },
    close: async () => undefined,
  }),
};

function readRouteFile(text: string): void {
  const parsed = parseRouteFile(text);
  if (!parsed.ok) {
    expect(parsed.problems.length > 0, () => 'refused, and no problem is told');
    for (const problem of parsed.problems) {
      const line = formatProblem('routes.yaml', problem);
      expect(/^routes\.yaml:[1-9]\d*:[1-9]\d*:/.test(line), () => `a problem without a place: ${line}`);
    }
    return;
  }
  const { orgs } = parsed.file;
  for (const ofOrg of orgs.values())
    compileTable(
      [...ofOrg].filter(({ enabled }) => enabled),
      1,
    );
  // JSON is YAML; what was read must say the same when it is said in the plainest way.
  const plain = JSON.stringify({ orgs: Object.fromEntries(orgs) });
  const again = parseRouteFile(plain);
  expect(again.ok, () => `read, but refused once it was written: ${plain}`);
  expect(
    isDeepStrictEqual(again.file.orgs, orgs),
    () => `read as ${plain}\nand then as ${JSON.stringify(Object.fromEntries(again.file.orgs))}`,
  );
}
