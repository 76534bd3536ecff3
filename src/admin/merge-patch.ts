// JSON merge patch (RFC 7396): what the patch has goes over what the target has, null takes a member away, and
// whatever isn't a map replaces the target whole.
import { isMap } from '../routing/checks.js';

/** Walks by recursion: the patch is one whose depth was looked at. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  const merged = new Map(isMap(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  // Defines every member, one that is called __proto__ too.
  return Object.fromEntries(merged);
}
