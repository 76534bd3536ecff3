// The peers of the engine: libraries that a team would otherwise decide with, each given the same rules in its own
// language and the same requests. A peer is used as its documentation says is fastest, and must give the right
// answers before it is measured.
import type { ResolveRequest } from '../../../src/routing/request.js';
import type { Route } from '../../../src/routing/route.js';
import { naiveResolve } from '../../../test/support/naive-resolve.js';
import type { Batch, Subject } from '../code-case.js';
import type { Workload } from '../typical.js';

/** The name of the route that is taken; null: none. */
export type Decide = (request: ResolveRequest) => string | null | Promise<string | null>;

/** @param routes in table order. */
export type Peer = (routes: readonly Route[]) => Decide;

/** Decides each request once with that peer, which has been shown to decide them rightly. */
export function peerSubject(peer: Peer, workload: () => Workload): Subject {
  return async () => {
    const { routes, requests } = workload();
    const decide = peer(routes);
    await assertRightAnswers(decide, { routes, requests });
    return decide(requests[0] ?? { model: '' }) instanceof Promise
      ? oneAfterTheOther(decide, requests)
      : allAtOnce(decide, requests);
  };
}

/** @throws an Error that says which request got which answer. */
export async function assertRightAnswers(decide: Decide, { routes, requests }: Workload): Promise<void> {
  for (const request of requests) {
    const expected = naiveResolve(routes, request).route;
    const actual = await decide(request);
    if (actual !== expected) {
      throw new Error(
        `decided ${String(actual)} where ${String(expected)} is right: ${JSON.stringify(request)}`,
      );
    }
  }
}

function allAtOnce(decide: Decide, requests: readonly ResolveRequest[]): Batch {
  return {
    operations: requests.length,
    run: () => {
      let matched = 0;
      for (const request of requests) if (decide(request) !== null) matched += 1;
      return matched;
    },
  };
}

/** A few are enough: an asynchronous decision takes long. */
function oneAfterTheOther(decide: Decide, all: readonly ResolveRequest[]): Batch {
  const requests = all.slice(0, 4);
  return {
    operations: requests.length,
    run: async () => {
      let matched = 0;
      for (const request of requests) if ((await decide(request)) !== null) matched += 1;
      return matched;
    },
  };
}
