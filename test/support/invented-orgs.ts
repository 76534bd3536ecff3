// Asks a daemon for so many orgs that nobody has, each once, as fast as it answers; a process of its own. Prints how many
// have been answered, line by line, and at the end how.
//   node invented-orgs.js SOCKET COUNT CONNECTIONS
import { randomFillSync } from 'node:crypto';
import { connect } from 'node:net';
import { pathToFileURL } from 'node:url';
import { requestFrame } from './wire-client.js';

/** Requests of one write. */
const TOGETHER = 500;
/** Sent and not answered, of one connection. */
const IN_FLIGHT_MAX = 8 * TOGETHER;
/** Lines of all in all. */
const LINES = 100;

const ORG_ID_BYTES = 16;
const HEADER_BYTES = 4;
const ERROR = Buffer.from('code');

/** A program, not a module: nothing happens when it is imported. */
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [socketPath = '', count = '0', connections = '1'] = process.argv.slice(2);
  let answered = 0;
  let refused = 0;
  const step = Math.ceil(Number(count) / LINES);
  const share = Math.ceil(Number(count) / Number(connections));
  const ask = (own: number): Promise<void> =>
    inventOrgs(socketPath, own, (answers, refusals) => {
      const before = answered;
      answered += answers;
      refused += refusals;
      if (Math.floor(before / step) < Math.floor(answered / step)) console.log(`${answered}`);
    });
  await Promise.all(Array.from({ length: Number(connections) }, () => ask(share)));
  console.log(JSON.stringify({ answered, refused }));
}

/** One connection's. Resolves when all are answered. */
export function inventOrgs(
  socketPath: string,
  count: number,
  onAnswers: (answers: number, refusals: number) => void,
): Promise<void> {
  const marker = Buffer.alloc(ORG_ID_BYTES, 0xee);
  const one = requestFrame(1, 'resolve', { org_id: marker, model: 'm' });
  const batch = Buffer.concat(Array.from({ length: TOGETHER }, () => one));
  const idAt = one.indexOf(marker);
  let sent = 0;
  let answered = 0;
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    const fill = (): void => {
      while (sent < count && sent - answered <= IN_FLIGHT_MAX - TOGETHER && !socket.writableNeedDrain) {
        const frames = Math.min(TOGETHER, count - sent);
        // The socket may still have the last batch.
        const bytes = Buffer.from(batch.subarray(0, frames * one.length));
        for (let at = idAt; at < bytes.length; at += one.length) randomFillSync(bytes, at, ORG_ID_BYTES);
        sent += frames;
        socket.write(bytes);
      }
    };
    let rest: Buffer = Buffer.alloc(0);
    socket.on('connect', fill).on('drain', fill).on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let at = 0;
      let answers = 0;
      let refusals = 0;
      while (bytes.length - at >= HEADER_BYTES) {
        const end = at + HEADER_BYTES + bytes.readUInt32BE(at);
        if (end > bytes.length) break;
        answers += 1;
        // `[1, id, {code …}, nil]` has a map of two where an answer has nil.
        if (bytes.subarray(at, end).includes(ERROR)) refusals += 1;
        at = end;
      }
      rest = Buffer.from(bytes.subarray(at));
      answered += answers;
      onAnswers(answers, refusals);
      if (answered < count) {
        fill();
      } else {
        socket.destroy();
        resolve();
      }
    });
    socket.on('close', () => {
      if (answered < count) reject(new Error(`the daemon closed the connection after ${answered} answers`));
    });
  });
}
