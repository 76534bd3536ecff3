// The ids of routes that a file doesn't give one: the same at every load and on every host.
import { createHash } from 'node:crypto';

/** UUID version 5 (RFC 9562 §5.5) of a name in the name space of the org. */
export function nameBasedRouteId(orgId: string, name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(orgId.replaceAll('-', ''), 'hex'))
    .update(name, 'utf8')
    .digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
