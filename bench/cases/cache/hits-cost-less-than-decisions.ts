// Finding an org's table, which every request does on its worker, and the main thread's cache behind it.
import { codeCase } from '../../support/code-case.js';
import { fullCache, fullSlots } from '../../support/caches.js';

const ORGS = 10_000;

export const bench = codeCase({
  about: 'time to find one of 10,000 orgs, fresh',
  subjects: {
    'worker-table': () => fullSlots(ORGS),
    'main-thread-cache': () => fullCache(ORGS),
  },
});
