// `signalbox doctor`: looks at everything that has to be right for decisions to be made, and says what to do about what
// isn't. Changes nothing.
import { Command } from 'commander';
import { socketOption, storeOption } from '../config.js';
import { SignalboxError } from '../errors.js';
import { type AdminFlags, withAdmin, withAdminOptions } from './admin/options.js';
import { inspectDaemonStatus } from './diagnosis/daemon.js';
import { type Finding, warning, wrong } from './diagnosis/finding.js';
import { inspectGateway } from './diagnosis/gateway.js';
import { inspectHost } from './diagnosis/host.js';
import { inspectStoreUrl } from './diagnosis/store.js';
import { NO } from './exit-codes.js';
import { type Paint, paint, useColour } from './output/colour.js';
import { printJson } from './output/json.js';
import { printable } from './output/printable.js';
import { packageVersion } from './version.js';

interface DoctorFlags extends AdminFlags {
  readonly socket: string;
  readonly store?: string;
}

export function doctorCommand(): Command {
  return withAdminOptions(new Command('doctor'))
    .description(
      'checks the host, the socket, the daemon and the store, and says what to do; exit 1 if anything is wrong',
    )
    .addOption(socketOption())
    .addOption(storeOption().makeOptionMandatory(false))
    .action(doctor);
}

async function doctor(flags: DoctorFlags): Promise<void> {
  const findings = [
    ...inspectHost(process.version, Date.now()),
    ...(await inspectGateway(flags.socket, packageVersion())),
    ...(await inspectByAdmin(flags)),
    ...(flags.store === undefined ? [] : [await inspectStoreUrl(flags.store)]),
  ];
  const isWrong = findings.some(({ result }) => result === 'wrong');
  if (flags.json === true) printJson({ ok: !isWrong, findings });
  else console.log(findings.map((finding) => findingText(finding, paint(useColour()))).join('\n'));
  if (isWrong) process.exitCode = NO;
}

async function inspectByAdmin(flags: DoctorFlags): Promise<readonly Finding[]> {
  if (flags.admin === undefined) {
    return [
      warning(
        'admin',
        'not looked at',
        'give --admin (or SIGNALBOX_ADMIN), as to serve: then the daemon itself is asked',
      ),
    ];
  }
  try {
    return inspectDaemonStatus(await withAdmin(flags, (admin) => admin.status()));
  } catch (error) {
    if (!(error instanceof SignalboxError) || error.code === 'internal') throw error;
    return [
      wrong('admin', error.message, 'start the daemon with that --admin, or be the user that it runs as'),
    ];
  }
}

const SUBJECT_WIDTH = 9;
const MARKS = { ok: '✔', warning: '!', wrong: '✘' } as const;

/** `✘ store     mysql://… cannot be read: …`, and what to do in a line of its own. */
function findingText({ subject, result, text, advice }: Finding, { green, yellow, red }: Paint): string {
  const colour = { ok: green, warning: yellow, wrong: red }[result];
  const line = `${colour(MARKS[result])} ${subject.padEnd(SUBJECT_WIDTH)} ${printable(text)}`;
  return advice === undefined ? line : `${line}\n  ${' '.repeat(SUBJECT_WIDTH)} → ${printable(advice)}`;
}
