// What a gateway sees at a steady rate: the k-th request is due at its moment whatever became of the others, and its
// latency counts from then. The limit is an echo server in C, in the same rounds.
import { besideTheEcho } from '../../support/beside-the-echo.js';
import { latencyFigure } from '../../support/load-figures.js';

const RATE_PER_SECOND = 50_000;

export const bench = besideTheEcho(
  'latency at 50,000 requests/s over 16 connections; the ratio is of p99 to the echo',
  ({ connections }) => ({ kind: 'open', ratePerSecond: RATE_PER_SECOND, connections }),
  latencyFigure,
);
