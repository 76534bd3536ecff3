// Who may ask. On the Unix socket the file's mode decides, and nothing is looked at here. On TCP any local user can
// connect, and so can any web page that a local user opens (DNS rebinding makes this port the page's own origin): so
// every request must name the host it was meant for, and show the token.
import { createHash, timingSafeEqual } from 'node:crypto';
import { Refusal } from './refusal.js';

const LOOPBACK_NAMES = ['127.0.0.1', '[::1]', 'localhost'] as const;

const HTTP_PORT = 80;

export interface Access {
  /** Values of the Host header, in lower case. */
  readonly hosts: ReadonlySet<string>;
  /** SHA-256 of the token. */
  readonly tokenDigest: Buffer;
}

export function tcpAccess(port: number, token: string): Access {
  const withPort = LOOPBACK_NAMES.map((name) => `${name}:${port}`);
  return {
    hosts: new Set(port === HTTP_PORT ? [...withPort, ...LOOPBACK_NAMES] : withPort),
    tokenDigest: digest(token),
  };
}

/** @throws Refusal `misdirected` for a host that isn't this one. */
export function checkHost(access: Access, host: string | undefined): void {
  if (host !== undefined && access.hosts.has(host.toLowerCase())) return;
  throw new Refusal(
    'misdirected',
    `expected a Host of ${[...access.hosts].join(', ')}, got ${host ?? 'nothing'}`,
  );
}

/** @throws Refusal `unauthorized` without the token. */
export function checkToken(access: Access, authorization: string | undefined): void {
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  // Digests are of one length, so the comparison tells nothing of the token's.
  if (token !== undefined && timingSafeEqual(digest(token), access.tokenDigest)) return;
  throw new Refusal(
    'unauthorized',
    token === undefined ? 'expected Authorization: Bearer and the token' : 'the token is not the right one',
    { headers: { 'www-authenticate': 'Bearer realm="signalbox"' } },
  );
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token, 'latin1').digest();
}
