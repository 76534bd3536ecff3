// The store, as the daemon would open it: can it be reached, is its schema right, are its routes routes. Changes nothing.
import { monotonicClock } from '../../clock.js';
import { credentialsDirectory } from '../../config.js';
import { messageOf } from '../../errors.js';
import type { Log } from '../../log.js';
import { openStore } from '../../store/open-store.js';
import { type Finding, ok, wrong } from './finding.js';

const ADVICE =
  'mend what it says; `signalbox check FILE` has every problem of a route file, `signalbox migrate` brings a schema up to date';

/** @param url as it is given to serve. */
export async function inspectStoreUrl(url: string): Promise<Finding> {
  const shown = url.replace(/:[^:@/]*@/, '@');
  const complaints: string[] = [];
  const log: Log = (level, _event, message) => {
    if (level === 'error' || level === 'fatal') complaints.push(message);
  };
  try {
    const store = await openStore(url, {
      log,
      clock: monotonicClock,
      random: Math.random,
      migrate: 'check',
      credentialsDirectory: credentialsDirectory(),
    });
    try {
      await store.changedSince(undefined);
    } finally {
      await store.close();
    }
  } catch (error) {
    return wrong('store', `${shown}: ${messageOf(error)}`, ADVICE);
  }
  const [complaint] = complaints;
  return complaint === undefined
    ? ok('store', `${shown} can be read`)
    : wrong('store', `${shown}: ${complaint}`, ADVICE);
}
