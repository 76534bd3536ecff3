// Whether what a load has brought may be decided by, in the place of good routes that may still be used, if there are any.
import { isOlder } from '../store/org-routes.js';
import type { KeptRoutes } from './kept-routes.js';

/**
 * One org's routes, as JSON. To compile as many takes the main thread seconds, in which nobody else's are published; there
 * is no need for tens of thousands of routes that would be worth that.
 */
export const ORG_ROUTES_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Good routes are only given up for such as are as good and no older. Undefined: these are.
 *
 * @param good undefined: there are none.
 */
export function whyNotTakenOver(loaded: KeptRoutes, good: KeptRoutes | undefined): string | undefined {
  if (loaded.bytes > ORG_ROUTES_BYTES_MAX) {
    return `the routes are ${inMebibytes(loaded.bytes)} MiB as JSON, and ${inMebibytes(ORG_ROUTES_BYTES_MAX)} MiB is the most that an org may have`;
  }
  if (good === undefined) return undefined;
  if (isOlder(loaded, good)) {
    return (
      `the store is at revision ${loaded.revision}, and revision ${good.revision} was seen before; if it was ` +
      'restored from a backup, say so: signalbox restored'
    );
  }
  const [refused] = loaded.refused ?? [];
  if (refused === undefined || good.isFlawed || good.revision === 0) return undefined;
  return `route ${refused.routeId} in the store is no route: ${refused.message}`;
}

function inMebibytes(bytes: number): string {
  return (bytes / (1024 * 1024)).toFixed(1);
}
