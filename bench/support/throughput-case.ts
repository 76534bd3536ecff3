// A closed loop on the echo and on daemons: right for throughput, blind to queueing.
import type { BenchCase } from './bench-case.js';
import { besideTheEcho } from './beside-the-echo.js';
import { throughputFigure } from './load-figures.js';

export function throughputCase(about: string, pipeline: number): BenchCase {
  return besideTheEcho(
    about,
    ({ connections }) => ({ kind: 'closed', pipeline, connections }),
    throughputFigure,
  );
}
