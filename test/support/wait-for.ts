// For what has no event to wait for: looks again every few milliseconds.
import { setTimeout as sleep } from 'node:timers/promises';

const INTERVAL_MS = 3;

/** Far beyond any machine's noise: only something that doesn't happen takes this long. */
const GIVE_UP_MS = 10_000;

/** Resolves when the condition holds; fails, naming what was waited for, if it never does. */
export async function waitFor(
  condition: () => boolean | Promise<boolean>,
  what: string | (() => string),
  giveUpMs = GIVE_UP_MS,
): Promise<void> {
  const startedMs = performance.now();
  while (!(await condition())) {
    if (performance.now() - startedMs > giveUpMs) {
      throw new Error(`waited ${giveUpMs} ms in vain for ${typeof what === 'string' ? what : what()}`);
    }
    await sleep(INTERVAL_MS);
  }
}
