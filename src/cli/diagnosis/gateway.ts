// The gateways' socket: is it there, who may connect, and does the daemon greet whoever does.
import { lstatSync } from 'node:fs';
import { userInfo } from 'node:os';
import { SignalboxClient } from '../../client/client.js';
import { messageOf, systemCode } from '../../errors.js';
import { type Finding, ok, warning, wrong } from './finding.js';

const OTHERS = 0o007;
const PERMISSIONS = 0o777;

export async function inspectGateway(socketPath: string, version: string): Promise<readonly Finding[]> {
  const file = inspectFile(socketPath);
  if (file.result === 'wrong') return [file];
  return [file, ...(await inspectDaemon(socketPath, version))];
}

function inspectFile(path: string): Finding {
  try {
    const status = lstatSync(path);
    if (!status.isSocket())
      return wrong('socket', `${path} is no socket`, 'give the path of serve with --socket');
    const mode = (status.mode & PERMISSIONS).toString(8).padStart(4, '0');
    const text = `${path}, mode ${mode}, of user ${status.uid} and group ${status.gid}`;
    if ((status.mode & OTHERS) === 0) return ok('socket', text);
    return warning('socket', text, 'every user of this host may connect; see --socket-mode and --allow-uid');
  } catch (error) {
    const advice =
      systemCode(error) === 'EACCES'
        ? `${userInfo().username} may not look there: be a user of the socket's group`
        : 'start the daemon (systemctl start signalbox), or give its path with --socket';
    return wrong('socket', messageOf(error), advice);
  }
}

async function inspectDaemon(socketPath: string, version: string): Promise<readonly Finding[]> {
  const client = new SignalboxClient({ socketPath });
  const began = performance.now();
  try {
    const hello = await client.hello();
    const tookMs = performance.now() - began;
    const greeting = ok('gateway', `answers in ${tookMs.toFixed(1)} ms, as ${hello.server} ${hello.version}`);
    if (hello.version === version) return [greeting, ok('versions', `daemon and command are ${version}`)];
    const text = `the daemon is ${hello.version}, this command ${version}`;
    return [
      greeting,
      warning('versions', text, 'restart the daemon after an upgrade (systemctl restart signalbox)'),
    ];
  } catch (error) {
    const advice =
      "the daemon hangs, has as many connections as it may, or doesn't take yours (--allow-uid); see its log";
    return [wrong('gateway', `no greeting: ${messageOf(error)}`, advice)];
  } finally {
    await client.close();
  }
}
