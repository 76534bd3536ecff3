// A request whose org has no keyword route never touches its prompt, however long that is.
import { codeCase } from '../../support/code-case.js';
import { decideAll } from '../../support/engine.js';
import { loremOf } from '../../support/mixes.js';
import { typicalWorkload } from '../../support/typical.js';

function workload(bytes: number) {
  const { routes, requests } = typicalWorkload(20);
  return { routes, requests: requests.map((request) => ({ ...request, prompt: loremOf(bytes) })) };
}

export const bench = codeCase({
  about: 'time for a decision by 20 routes without keywords; the ratio is to a prompt of 10 bytes',
  subjects: {
    '10-B-prompt': () => decideAll(workload(10)),
    '100-KB-prompt': () => decideAll(workload(100_000)),
  },
  baselineOf: () => '10-B-prompt',
});
