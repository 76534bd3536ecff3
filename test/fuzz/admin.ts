// Requests of the admin API, as bytes on its socket, at a real daemon: whatever comes is answered, if it is answered, with
// something else than a 500, and the API still works afterwards. An input is what one client sends.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DaemonProcess, startDaemonProcess } from '../support/daemon-process.js';
import type { Random } from '../support/random.js';
import { org } from '../support/routes.js';
import { exchangeBytes } from './exchange-bytes.js';
import { changed, draftText, jsonText } from './route-texts.js';
import { type Session, type Target, expect } from './target.js';

export const admin: Target = {
  name: 'admin',
  unit: 'requests',
  isInProcess: false,
  inputs: 5000,
  open: openAdmin,
};

const METHODS = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'get'] as const;
const ROUTE_ID = '0190a000-0000-7000-8000-0000000000aa';

const PATHS = [
  ...['', '/v1/status', '/v1/orgs', `/v1/orgs/${org(1)}/routes`, `/v1/orgs/${org(1)}/routes?all=true`],
  ...[`/v1/orgs/${org(1)}/routes?dry_run=true`, `/v1/orgs/${org(1)}/routes/${ROUTE_ID}`, `/v1/orgs/x/routes`],
  ...[
    `/v1/orgs/${org(1)}/routes/${ROUTE_ID}/pause`,
    `/v1/orgs/${org(1)}/history`,
    `/v1/orgs/${org(1)}/rollback`,
  ],
  ...[
    `/v1/orgs/${org(1)}/table`,
    `/v1/orgs/${org(1)}/invalidate`,
    '/healthz',
    '/readyz',
    '/metrics',
    '/openapi.json',
  ],
  ...[
    '/v1/orgs/%00/routes',
    '/v1/orgs/%ff/routes',
    '/../../etc/passwd',
    '/v1//orgs',
    '/__proto__',
    '*',
    'http://x/',
  ],
] as const;

const HEADERS = [
  ...[
    'If-Match: "1"',
    'If-Match: *',
    'If-Match: W/"x"',
    'If-None-Match: "0"',
    'X-Actor: fuzz',
    'X-Reason: because',
  ],
  ...[
    'Content-Type: text/plain',
    'Content-Encoding: gzip',
    'Transfer-Encoding: chunked',
    'Expect: 100-continue',
  ],
  ...[
    'Accept: image/png',
    'Authorization: Bearer x',
    'Host: evil.example',
    'Content-Length: 5',
    'Origin: http://x',
  ],
  ...['X-Actor: \u00ff', 'X-Reason: ' + 'r'.repeat(3000), 'Upgrade: websocket', 'Range: bytes=0-1'],
] as const;

async function openAdmin(): Promise<Session> {
  const routes = `orgs:\n  ${org(1)}:\n    - id: ${ROUTE_ID}\n      name: a\n      then: { target_model: x }\n`;
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-fuzz-'));
  const path = join(directory, 'admin.sock');
  const daemon = await startDaemonProcess({ routes, args: ['--admin', path] });
  return {
    generate: (random, corpus) =>
      corpus.length > 0 && random.chance(0.1) ? changed(random, random.pick(corpus)) : requestOf(random),
    run: async (input) => {
      const answer = (await exchangeBytes(path, input)).toString('latin1');
      const statuses = [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => status);
      expect(!statuses.includes('500'), () => `answered:\n${answer}`);
      await assertAlive(daemon, path);
      return 1;
    },
    close: async () => {
      await daemon.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function requestOf(random: Random): Buffer {
  const body = random.chance(0.3) ? '' : bodyOf(random);
  const headers = ['Host: localhost', 'Connection: close'];
  if (body !== '')
    headers.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`);
  for (let more = random.pick([0, 0, 1, 2]); more > 0; more -= 1) headers.push(random.pick(HEADERS));
  const head = Buffer.from(
    `${random.pick(METHODS)} ${random.pick(PATHS)} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`,
    'latin1',
  );
  const request = Buffer.concat([head, Buffer.from(body)]);
  return random.chance(0.1) ? changed(random, request) : request;
}

function bodyOf(random: Random): string {
  switch (random.below(6)) {
    case 0:
      return jsonText(random);
    case 1:
      return `{"routes":[${draftText(random)},${draftText(random)}]}`;
    case 2:
      return `{"revision":${jsonText(random, 1)},"reason":${jsonText(random, 1)}}`;
    case 3:
      return '['.repeat(random.pick([50, 5000]));
    case 4:
      return changed(random, draftText(random)).toString('latin1');
    default:
      return draftText(random);
  }
}

async function assertAlive(daemon: DaemonProcess, path: string): Promise<void> {
  expect(daemon.child.exitCode === null, () => `the daemon has ended: ${daemon.stderr}`);
  const request = Buffer.from('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  const answer = (await exchangeBytes(path, request)).toString('latin1');
  expect(answer.startsWith('HTTP/1.1 200'), () => `it is not well afterwards: ${answer}`);
}
