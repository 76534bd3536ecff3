// How many routes one org may have: what the daemon takes over no more of, and what writers of a route file are told of
// before it does. Counted as JSON, which is how routes are kept. Pure.
import type { OrgRoutes } from './route-store.js';

/**
 * One org's routes, as JSON. To compile as many takes the main thread seconds, in which nobody else's are published; there
 * is no need for tens of thousands of routes that would be worth that.
 */
export const ORG_ROUTES_BYTES_MAX = 16 * 1024 * 1024;

/** The routes as they are kept and counted. */
export function orgRoutesJson(routes: OrgRoutes): string {
  return JSON.stringify(routes);
}

/** @param bytes of that. Undefined: an org may have as many. */
export function whyTooLarge(bytes: number): string | undefined {
  if (bytes <= ORG_ROUTES_BYTES_MAX) return undefined;
  const [has, most] = [inMebibytes(bytes), inMebibytes(ORG_ROUTES_BYTES_MAX)];
  return `the routes are ${has} MiB as JSON, and ${most} MiB is the most that an org may have`;
}

function inMebibytes(bytes: number): string {
  return (bytes / (1024 * 1024)).toFixed(1);
}
