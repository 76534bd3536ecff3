// One client that behaves as badly as it can, in one of several ways, until its standard input ends. Prints `ready`
// when it is at it, and at the end what it has got through, as a line.
//   node abuser.js SOCKET WAY ROUTE_FILE
import { randomUUID } from 'node:crypto';
import { constants, setPriority } from 'node:os';
import { type Socket, connect } from 'node:net';
import { renameSync, writeFileSync } from 'node:fs';
import { ABUSED_ORG, type Abuse, abusedRouteFileText } from './abuse.js';
import { ORG, requestFrame } from './payloads.js';
import { typicalRequest } from './typical.js';

const MEBIBYTE = 1024 * 1024;

const [socketPath = '', way = '', routeFile = ''] = process.argv.slice(2);
// It has all the time that nobody else wants, and no more: what a process costs its machine is not the daemon's doing.
setPriority(constants.priority.PRIORITY_LOW);
let connections = 0;
let bytesSent = 0;
let isOver = false;

function open(): Socket {
  connections += 1;
  return connect(socketPath).on('error', () => undefined);
}

/** Sends the same over and over, as fast as it is taken. */
function pump(socket: Socket, next: () => Buffer): void {
  const more = (): void => {
    while (!isOver && !socket.destroyed) {
      const bytes = next();
      bytesSent += bytes.length;
      if (!socket.write(bytes)) return;
    }
  };
  socket.on('drain', more).on('connect', more);
}

/** One request after the other, each when the one before is answered. */
function takeTurns(socket: Socket, next: () => Buffer): void {
  const send = (): void => {
    const bytes = next();
    bytesSent += bytes.length;
    socket.write(bytes);
  };
  socket.on('connect', send).on('data', send);
}

const good = Buffer.concat(
  Array.from({ length: 256 }, (_, index) => requestFrame(ORG, typicalRequest(index))),
);
const longPrompt = 'the quick brown fox jumps over the lazy dog, '.repeat(MEBIBYTE / 46);

const WAYS: Readonly<Record<Abuse, () => void>> = {
  'a-busy-neighbour': () => {
    // Nothing to do with the daemon: what another process costs that has a core to itself.
    const spin = (): void => {
      for (const until = performance.now() + 20; performance.now() < until;);
      if (!isOver) setImmediate(spin);
    };
    spin();
  },
  'a-flood': () => {
    pump(open().resume(), () => good);
  },
  'never-reading': () => {
    for (let count = 0; count < 16; count += 1) pump(open().pause(), () => good);
  },
  'huge-frames': () => {
    const huge = requestFrame(ORG, { ...typicalRequest(0), prompt: longPrompt });
    pump(open().resume(), () => huge);
  },
  'slow-frames': () => {
    const sockets = Array.from({ length: 1000 }, open);
    let sent = 0;
    setInterval(() => {
      // A byte at a time; a frame that isn't whole after ten seconds ends its connection.
      sockets.forEach((socket, index) => {
        if (socket.destroyed) sockets[index] = open();
        else socket.write(good.subarray(sent, sent + 1));
      });
      sent += 1;
      bytesSent += sockets.length;
    }, 100);
  },
  'keyword-rules': () => {
    const request = requestFrame(ABUSED_ORG, { model: 'm', prompt: longPrompt });
    takeTurns(open(), () => request);
  },
  garbage: () => {
    // Requests but for their last byte: it takes longest to say what is wrong with them.
    const broken = Array.from({ length: 256 }, (_, index) => {
      const frame = requestFrame(ORG, typicalRequest(index));
      frame[frame.length - 1] = 0xc1;
      return frame;
    });
    const bytes = Buffer.concat(broken);
    pump(open().resume(), () => bytes);
  },
  'republished-rules': () => {
    const texts = [0, 1].map(abusedRouteFileText);
    let edition = 0;
    setInterval(() => {
      edition += 1;
      writeFileSync(`${routeFile}.new`, texts[edition % 2] ?? '');
      renameSync(`${routeFile}.new`, routeFile);
      bytesSent += texts[0]?.length ?? 0;
    }, 100);
  },
  'invented-orgs': () => {
    pump(open().resume(), () =>
      Buffer.concat(Array.from({ length: 64 }, () => requestFrame(randomUUID(), { model: 'm' }))),
    );
  },
  'connect-and-close': () => {
    const next = (): void => {
      if (isOver) return;
      const socket = open();
      socket.on('connect', () => socket.destroy()).on('close', () => setImmediate(next));
    };
    for (let count = 0; count < 16; count += 1) next();
  },
  'oversize-headers': () => {
    const next = (): void => {
      if (isOver) return;
      const socket = open();
      socket.resume().on('connect', () => socket.write(Buffer.from('ffffffff', 'hex')));
      socket.on('close', () => setImmediate(next));
    };
    for (let count = 0; count < 16; count += 1) next();
  },
};

WAYS[way as Abuse]();
console.log('ready');
process.stdin.resume().on('end', end);
process.on('SIGTERM', end);

function end(): void {
  isOver = true;
  console.error(`${way}: ${connections} connections, ${(bytesSent / MEBIBYTE).toFixed(1)} MiB sent`);
  process.exit(0);
}
