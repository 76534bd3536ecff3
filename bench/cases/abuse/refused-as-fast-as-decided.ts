// How long a refusal takes: orgs that nobody has, asked for by the hundred thousand, so that all but the first are
// refused; and the same load of requests that are decided. Both are pipelined on one connection.
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchCase } from '../../support/bench-case.js';
import { figureOfHistograms, withRatios } from '../../support/figure.js';
import type { LoadResult } from '../../support/load-tool.js';
import { requestFrame } from '../../support/payloads.js';
import { SocketBench } from '../../support/socket-bench.js';
import { typicalRequest } from '../../support/typical.js';

/** More than are ever read for one connection within the time that this takes. */
const INVENTED = 200_000;

export const bench: BenchCase = {
  about:
    'latency of decisions, and of refusals of invented orgs, 64 at a time on one connection; the ratio is of p50',
  figures: ['decided', 'refused'],
  async run(context) {
    const sockets = await SocketBench.open(context);
    const server = await sockets.startDaemon(1);
    const payloadsPath = join(context.directory, 'invented.bin');
    const invented = Array.from({ length: INVENTED }, (_, index) =>
      requestFrame(randomUUID(), typicalRequest(index)),
    );
    await writeFile(payloadsPath, Buffer.concat(invented));
    const shape = { kind: 'closed', pipeline: 64, connections: 1 } as const;
    const results = await sockets.takeTurns({ decided: server, refused: { ...server, payloadsPath } }, shape);
    const figure = (name: 'decided' | 'refused', areAsMeant: (result: LoadResult) => boolean) =>
      figureOfHistograms(
        {
          name,
          unit: 'µs',
          headline: 'p50',
          problems: results[name].every(areAsMeant) ? [] : [`not all were ${name}`],
        },
        results[name].map(({ histogramUs }) => histogramUs),
      );
    return withRatios(
      [
        figure('decided', ({ answered, decisions }) => decisions === answered),
        // Of the first round the first ones are read, and are decisions by no route.
        figure('refused', ({ answered, decisions }) => decisions < answered / 10),
      ],
      () => 'decided',
    );
  },
};
