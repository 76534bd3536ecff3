// Clients that no daemon should have to suffer, each for as long as it likes or until it is turned away.
import { type Socket, connect } from 'node:net';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../support/random.js';
import { requestFrame } from '../support/wire-client.js';
import { SQL_ORGS } from './orgs.js';
import type { Abuse } from './schedule.js';

const GARBAGE_BYTES = 4096;
/** The longest that there can be. */
const TOO_LONG = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x94]);
/** So many connections, so many of them in one turn of the loop. */
const STORM_CONNECTIONS = 300;
const STORM_GUST = 50;
/** Far more answers than a socket's buffers hold. */
const UNREAD_REQUESTS = 20_000;
const UNREAD_FOR_MS = 5000;
/** Longer than a frame may take. */
const HALF_FRAME_MS = 12_000;
const TURNED_AWAY_MS = 5000;

export async function abuse({ kind, seed }: Abuse, socketPath: string, signal: AbortSignal): Promise<void> {
  const random = new Random(seed);
  switch (kind) {
    case 'garbage':
      await sendAndStay(socketPath, random.bytes(GARBAGE_BYTES), TURNED_AWAY_MS, signal);
      return;
    case 'too long':
      await sendAndStay(socketPath, TOO_LONG, TURNED_AWAY_MS, signal);
      return;
    case 'half a frame': {
      const frame = wholeFrame();
      const part = frame.subarray(0, 1 + random.below(frame.length - 1));
      await sendAndStay(socketPath, part, HALF_FRAME_MS, signal);
      return;
    }
    case 'never reading': {
      const requests = Buffer.concat(new Array<Buffer>(UNREAD_REQUESTS).fill(wholeFrame()));
      await sendAndStay(socketPath, requests, UNREAD_FOR_MS, signal, { isReading: false });
      return;
    }
    case 'connect storm':
      for (let count = 0; count < STORM_CONNECTIONS; count += 1) {
        const socket = open(socketPath);
        socket.on('connect', () => socket.destroy());
        if (count % STORM_GUST === 0) await turn();
      }
      return;
  }
}

function wholeFrame(): Buffer {
  return requestFrame(1, 'resolve', { org_id: SQL_ORGS[0], model: 'first' });
}

/** Resolves when it was turned away, or has been there for as long as it likes. */
async function sendAndStay(
  socketPath: string,
  bytes: Buffer,
  forMs: number,
  signal: AbortSignal,
  { isReading = true } = {},
): Promise<void> {
  const socket = open(socketPath);
  if (isReading) socket.resume();
  socket.write(bytes);
  const closed = new AbortController();
  socket.once('close', () => {
    closed.abort();
  });
  await sleep(forMs, undefined, { signal: AbortSignal.any([signal, closed.signal]) }).catch(() => undefined);
  socket.destroy();
}

function open(path: string): Socket {
  const socket = connect(path);
  // To be cut off is what it is here for.
  socket.on('error', () => undefined);
  return socket;
}
