// What a team would build instead, on the same rules and requests: Fastify on a Unix socket, with json-rules-engine and
// with our engine, single-threaded. Each must first give the same answers.
import { Agent, request as send } from 'undici';
import { SignalboxClient } from '../../../src/client/client.js';
import type { BenchCase } from '../../support/bench-case.js';
import { withRatios } from '../../support/figure.js';
import { latencyFigure, throughputFigure } from '../../support/load-figures.js';
import { ORG } from '../../support/payloads.js';
import { assertRightAnswers } from '../../support/peers/peer.js';
import { SocketBench } from '../../support/socket-bench.js';
import { typicalWorkload } from '../../support/typical.js';

/** Requests that each must answer rightly first. */
const ASKED = 128;
const RATE_PER_SECOND = 2000;
/** The differences are so large that less will do. */
const LOAD_SHARE = 0.5;
const SERVERS = ['c-echo', 'signalbox', 'fastify-our-engine', 'fastify-json-rules-engine'] as const;

export const bench: BenchCase = {
  about:
    'latency at 2,000 requests/s, and requests/s one at a time on 16 connections; the ratio is to signalbox',
  figures: [
    ...SERVERS.map((server) => `${server}-latency`),
    ...SERVERS.map((server) => `${server}-throughput`),
  ],
  isInReadme: true,
  async run(context) {
    const { connections } = context.settings;
    const sockets = await SocketBench.open(context);
    const servers = {
      'c-echo': await sockets.startEcho(),
      signalbox: await sockets.startDaemon(1),
      'fastify-our-engine': await sockets.startHttpServer('ours'),
      'fastify-json-rules-engine': await sockets.startHttpServer('json-rules-engine'),
    };
    context.say('all are asked whether they answer rightly');
    await assertDaemonAnswers(servers.signalbox.socketPath);
    await assertHttpAnswers(servers['fastify-our-engine'].socketPath);
    await assertHttpAnswers(servers['fastify-json-rules-engine'].socketPath);
    const seconds = context.settings.loadSeconds * LOAD_SHARE;
    const open = { kind: 'open', ratePerSecond: RATE_PER_SECOND, connections } as const;
    const latencies = await sockets.takeTurns(servers, open, seconds);
    const closed = { kind: 'closed', pipeline: 1, connections } as const;
    const throughputs = await sockets.takeTurns(servers, closed, seconds);
    return withRatios(
      [
        ...SERVERS.map((name) => latencyFigure(`${name}-latency`, latencies[name])),
        ...SERVERS.map((name) => throughputFigure(`${name}-throughput`, throughputs[name])),
      ],
      (name) => name.replace(/^.*-(?=[a-z]+$)/, 'signalbox-'),
    );
  },
};

async function assertDaemonAnswers(socketPath: string): Promise<void> {
  const client = new SignalboxClient({ socketPath, deadlineMs: 5000 });
  try {
    await assertRightAnswers(
      async (request) => {
        const decision = await client.call('resolve', { org_id: ORG, ...request });
        return (decision as { route: string | null }).route;
      },
      typicalWorkload(20, ASKED),
    );
  } finally {
    await client.close();
  }
}

async function assertHttpAnswers(socketPath: string): Promise<void> {
  const dispatcher = new Agent({ connect: { socketPath } });
  try {
    await assertRightAnswers(
      async (request) => {
        const { body } = await send('http://localhost/resolve', {
          dispatcher,
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ org_id: ORG, ...request }),
        });
        return ((await body.json()) as { route: string | null }).route;
      },
      typicalWorkload(20, ASKED),
    );
  } finally {
    await dispatcher.close();
  }
}
