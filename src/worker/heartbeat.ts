// A worker's sign of life. Its event loop raises a count in shared memory a few times a second, so that a worker that
// spins, or waits for something that never comes, is told from one that is merely quiet, without a question that it
// would have to answer. How late a beat comes is how long something else had the loop.
import type { Clock } from '../clock.js';
import { BEATS, BEAT_INTERVAL_MS, BEAT_LATENESS_US, type VitalSigns } from './thread-messages.js';

const US_PER_MS = 1000;

/** Beats until the thread ends; the memory is for the main thread to read. */
export function startHeartbeat(clock: Clock, vitalSigns: VitalSigns): void {
  let dueAtMs = clock() + BEAT_INTERVAL_MS;
  const beat = (): void => {
    const now = clock();
    const latenessUs = Math.max(0, Math.round((now - dueAtMs) * US_PER_MS));
    // The main thread takes the worst of it away now and then; one lost to that race is one look late.
    if (latenessUs > Atomics.load(vitalSigns, BEAT_LATENESS_US)) {
      Atomics.store(vitalSigns, BEAT_LATENESS_US, latenessUs);
    }
    Atomics.add(vitalSigns, BEATS, 1);
    dueAtMs = now + BEAT_INTERVAL_MS;
  };
  setInterval(beat, BEAT_INTERVAL_MS).unref();
}
