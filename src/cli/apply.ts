// `signalbox apply FILE`: makes the routes of the orgs that a file names those of the file, after saying what that changes.
import { Command } from 'commander';
import { SignalboxError } from '../errors.js';
import type { AdminClient } from './admin/admin-client.js';
import { type AdminFlags, orgsOption, withAdmin, withChangeOptions } from './admin/options.js';
import { NO } from './exit-codes.js';
import { paint, useColour } from './output/colour.js';
import { printJson } from './output/json.js';
import { applyPlans, failureOf, outcomeLines } from './planning/apply-plans.js';
import { type OrgPlan, hasChanges, planOrgs } from './planning/org-plan.js';
import { planText } from './planning/plan-text.js';
import { type Terminal, processTerminal } from './planning/terminal.js';
import { readWantedOrgs } from './planning/wanted-orgs.js';

type Flags = AdminFlags & { readonly org?: readonly string[]; readonly yes?: boolean };

export function applyCommand(terminal: Terminal = processTerminal): Command {
  return withChangeOptions(new Command('apply'))
    .description('make the routes of each org in a file those of the file, and no others')
    .argument('<file>', 'a route file, YAML or JSON')
    .addOption(orgsOption('only these orgs of the file'))
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      '\nOrgs that the file does not name stay as they are. Each org is changed at once, and only if nobody changed\nit since it was planned; the first failure ends the command.',
    )
    .action((path: string, flags: Flags) => apply(path, flags, terminal));
}

async function apply(path: string, flags: Flags, terminal: Terminal): Promise<void> {
  const { json = false, yes = false } = flags;
  // Before anything else: a script that forgot --yes must not find out only on the day there is something to change.
  if (!yes && (path === '-' || !terminal.isInteractive))
    throw new SignalboxError('usage', 'there is nobody to ask; look with plan, then apply with --yes');
  const wanted = await readWantedOrgs(path, flags.org);
  await withAdmin(flags, async (admin) => {
    const plans = await planOrgs(admin, wanted, 'replace');
    const text = planText(plans, paint(useColour() && !json));
    if (json) console.error(text);
    else console.log(text);
    if (plans.some(hasChanges) && !yes && !(await terminal.confirm('Apply this?'))) {
      console.error('signalbox: nothing was changed');
      process.exitCode = NO;
      return;
    }
    await applyAndReport(admin, plans, json);
  });
}

/** @throws SignalboxError after what was done and what wasn't has been said. */
export async function applyAndReport(
  admin: AdminClient,
  plans: readonly OrgPlan[],
  json: boolean,
): Promise<void> {
  const outcomes = await applyPlans(admin, plans);
  if (json) printJson({ orgs: outcomes });
  else for (const line of outcomeLines(outcomes)) console.log(line);
  const failure = failureOf(outcomes);
  if (failure !== undefined) throw failure;
}
