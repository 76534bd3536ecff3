// `signalbox tap`: decisions as they are made, until Ctrl-C.
import { Command } from 'commander';
import { parsePart } from '../config.js';
import { SignalboxError } from '../errors.js';
import type { AdminClient } from './admin/admin-client.js';
import type { TapLine } from './admin/answers.js';
import { type AdminFlags, orgOption, withAdmin, withAdminOptions } from './admin/options.js';
import { OK } from './exit-codes.js';
import { type Paint, paint, useColour } from './output/colour.js';
import { printable } from './output/printable.js';
import { untilEnough } from './output/until-enough.js';

interface TapFlags extends AdminFlags {
  readonly org?: string;
  readonly sample: number;
}

export function tapCommand(): Command {
  return withAdminOptions(new Command('tap'))
    .description(
      'decisions as they are made, until Ctrl-C: org, route and outcome, and nothing of the requests',
    )
    .addOption(orgOption().makeOptionMandatory(false))
    .option('--sample <part>', 'which part of them: 1 is all, 0.01 one in a hundred', parsePart, 1)
    .addHelpText(
      'after',
      '\nIt never slows the daemon: what comes faster than it can be told is dropped, and counted.',
    )
    .action(tap);
}

async function tap(flags: TapFlags): Promise<void> {
  await untilEnough((ended) => withAdmin(flags, (admin) => showDecisions(admin, flags, ended)));
  process.exitCode = OK;
}

/** @throws SignalboxError `unreachable` if the daemon ends it. */
export async function showDecisions(
  admin: Pick<AdminClient, 'decisions'>,
  { org, sample, json }: TapFlags,
  ended: AbortSignal,
): Promise<void> {
  const colours = paint(useColour());
  for await (const line of admin.decisions({ orgId: org, sample }, ended)) {
    if (json === true) console.log(JSON.stringify(line));
    else if (!('dropped' in line)) console.log(decisionText(line, colours));
    else if (line.dropped > 0) console.error(colours.yellow(`… ${line.dropped} more were not told`));
  }
  if (!ended.aborted)
    throw new SignalboxError('unreachable', 'the daemon has ended; start it again, and look again');
}

/** `17:34:05.123 0190a000-… cheap-short → gpt-4o-mini` */
function decisionText(
  decision: Exclude<TapLine, { dropped: number }>,
  { dim, green, yellow }: Paint,
): string {
  const { at, org_id: org, reason, route, target_model: target, paused, stale } = decision;
  const outcome =
    route === null
      ? reason.replaceAll('_', ' ')
      : `${green(printable(route))}${target === null ? '' : ` → ${printable(target)}`}`;
  const marks = [...(paused ? ['paused'] : []), ...(stale ? ['stale'] : [])];
  const notes = marks.length === 0 ? '' : ` ${yellow(`(${marks.join(', ')})`)}`;
  return `${dim(at.slice(11, 23))} ${org} ${outcome}${notes}`;
}
