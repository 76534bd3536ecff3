// What workers of a test are told that only cares that they run.
import type { WorkerSettings } from '../../src/worker/thread-messages.js';

export const WORKER_SETTINGS: WorkerSettings = {
  channel: 'test',
  version: '0',
  resolveTimeoutMs: 50,
  maxFrameBytes: 1024,
  grantedOrgs: new Map(),
};
