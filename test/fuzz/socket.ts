// The same frames over a real socket, at a real daemon: it stays up, every frame is answered as the protocol says or the
// connection visibly closes, and another client's requests are all answered right meanwhile. An input is all that one
// client sends.
import { startDaemonProcess } from '../support/daemon-process.js';
import { ControlConnections } from '../support/wire-exchange.js';
import { exchangeBytes } from './exchange-bytes.js';
import { fuzzRoutes } from './fuzz-routes.js';
import { type Session, type Target, expect } from './target.js';
import { MAX_FRAME_BYTES, answersOwed, assertAnswered, streamOf, withoutHeader } from './wire-answers.js';
import { WireGenerator } from './wire-generator.js';
import { ORG_COUNT, orgOf } from './wire-samples.js';

export const socket: Target = {
  name: 'socket',
  unit: 'frames',
  isInProcess: false,
  inputs: 50_000,
  open: openSocket,
};

async function openSocket(): Promise<Session> {
  const orgs = Object.fromEntries(
    Array.from({ length: ORG_COUNT }, (_, org) => [orgOf(org), fuzzRoutes(org)]),
  );
  const daemon = await startDaemonProcess({
    // JSON is YAML.
    routes: JSON.stringify({ orgs }),
    // Nobody may be refused because the machine is slow.
    args: ['--resolve-timeout', '20s', '--max-frame-bytes', String(MAX_FRAME_BYTES)],
  });
  const control = await ControlConnections.open(daemon.socketPath, 2, {
    org_id: orgOf(0),
    model: 'x',
    input_tokens: 7,
  });
  let generator: WireGenerator | undefined;
  return {
    generate: (random, corpus) => {
      generator ??= new WireGenerator(random, corpus.map(withoutHeader));
      return streamOf(random, generator);
    },
    run: async (input) => {
      const { owed, frameCount } = answersOwed(input);
      const written = await exchangeBytes(daemon.socketPath, input);
      assertAnswered(owed, written);
      expect(daemon.child.exitCode === null, () => `the daemon has ended: ${daemon.stderr}`);
      await control.roundTrips();
      return frameCount;
    },
    close: async () => {
      await control.stop();
      const { code } = await daemon.stop();
      expect(code === 0, () => `the daemon ended with ${String(code)}`);
    },
  };
}
