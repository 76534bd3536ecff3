// Whether what a load has brought may be decided by, in the place of good routes that may still be used, if there are any.
import { isOlder } from '../../store/org-routes.js';
import { whyTooLarge } from '../../store/org-size.js';
import type { KeptRoutes } from './kept-routes.js';

/**
 * Good routes are only given up for such as are as good and no older. Undefined: these are.
 *
 * @param good undefined: there are none.
 */
export function whyNotTakenOver(loaded: KeptRoutes, good: KeptRoutes | undefined): string | undefined {
  const tooLarge = whyTooLarge(loaded.bytes);
  if (tooLarge !== undefined) return tooLarge;
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
