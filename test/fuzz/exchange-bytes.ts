// One input on a connection of its own.
import { once } from 'node:events';
import { connect } from 'node:net';

/** Sends all, shuts down this side, and returns what came until the daemon closed its own. */
export async function exchangeBytes(path: string, bytes: Buffer): Promise<Buffer> {
  const client = connect({ path, allowHalfOpen: true });
  const chunks: Buffer[] = [];
  client.on('data', (chunk: Buffer) => chunks.push(chunk));
  // A daemon that has closed need not take the rest; what it has answered came before.
  client.on('error', () => undefined);
  const ended = once(client, 'close');
  client.on('end', () => client.destroy());
  await once(client, 'connect');
  client.end(bytes);
  await ended;
  return Buffer.concat(chunks);
}
