// What goes over the sockets: route files, request frames, and the same requests over HTTP. The load generator takes
// requests as a file of frames, a length and a payload each.
import { Packr } from 'msgpackr/pack';
import { stringify } from 'yaml';
import type { ResolveRequest } from '../../src/routing/request.js';
import { TYPICAL_RULES, typicalRequest } from './typical.js';

/** The org that most loads are about. */
export const ORG = orgId(1);

/** Different requests in a file of frames. */
const FRAMES = 1024;

const packr = new Packr({ useRecords: false, variableMapSize: true });

/** The id of the index-th of many orgs. */
export function orgId(index: number): string {
  return `0190a000-0000-7000-8000-${index.toString(16).padStart(12, '0')}`;
}

/** The text of the route file: 20 routes of one org, highest priority first. */
export function routeFileText(): string {
  const priority = (index: number): number => (TYPICAL_RULES.length - index) * 10;
  const routes = TYPICAL_RULES.map((rule, index) => ({ ...rule, priority: priority(index) }));
  return stringify({ orgs: { [ORG]: routes } });
}

/** Typical requests of these orgs in turn, as frames back to back. */
export function requestFrames(orgs: readonly string[] = [ORG]): Buffer {
  const count = Math.max(FRAMES, orgs.length);
  return Buffer.concat(
    Array.from({ length: count }, (_, index) =>
      requestFrame(orgs[index % orgs.length] ?? ORG, typicalRequest(index)),
    ),
  );
}

const HEAD = Buffer.concat([
  Buffer.from([0x94, 0x00, 0xce, 0, 0, 0, 0, 0xa7]),
  Buffer.from('resolve'),
  Buffer.from([0x91]),
]);

/** A frame of `[0, id, "resolve", [params]]`. The id takes a fixed place and width: the load generator sets it. */
export function requestFrame(org: string, request: ResolveRequest): Buffer {
  return withLength(Buffer.concat([HEAD, packr.pack({ org_id: org, ...request })]));
}

/** Typical requests as whole HTTP requests, back to back in the same kind of file. */
export function httpRequests(): Buffer {
  return Buffer.concat(
    Array.from({ length: FRAMES }, (_, index) => {
      const body = JSON.stringify({ org_id: ORG, ...typicalRequest(index) });
      const head = [
        'POST /resolve HTTP/1.1',
        'Host: localhost',
        'Content-Type: application/json',
        `Content-Length: ${Buffer.byteLength(body)}`,
      ];
      return withLength(Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`));
    }),
  );
}

function withLength(payload: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(payload.length);
  return Buffer.concat([length, payload]);
}
