// `signalbox plan FILE`: what `apply` would change, org by org; changes nothing.
import { Command } from 'commander';
import { type AdminFlags, orgsOption, withAdmin, withAdminOptions } from './admin/options.js';
import { USAGE } from './exit-codes.js';
import { paint, useColour } from './output/colour.js';
import { printJson } from './output/json.js';
import { type OrgPlan, hasChanges, planOrgs } from './planning/org-plan.js';
import { planText } from './planning/plan-text.js';
import { readWantedOrgs } from './planning/wanted-orgs.js';

/** As of other tools that plan: 0 none, 1 something went wrong, 2 changes. */
const CHANGES = USAGE;

export function planCommand(): Command {
  return withAdminOptions(new Command('plan'))
    .description('what apply would change; exit 2 if anything, 0 if nothing')
    .argument('<file>', 'a route file, YAML or JSON, or - for standard input')
    .addOption(orgsOption('only these orgs of the file'))
    .addHelpText(
      'after',
      '\nOrgs that the file does not name stay as they are; a named org gets the routes of the file and no others.',
    )
    .action(plan);
}

async function plan(path: string, flags: AdminFlags & { readonly org?: readonly string[] }): Promise<void> {
  const wanted = await readWantedOrgs(path, flags.org);
  const plans = await withAdmin(flags, (admin) => planOrgs(admin, wanted, 'replace'));
  printPlans(plans, flags);
}

/** And sets the exit code to whether there are changes. */
export function printPlans(plans: readonly OrgPlan[], { json = false }: AdminFlags): void {
  if (json)
    printJson({ orgs: plans.map(({ orgId, revision, diff }) => ({ org_id: orgId, revision, diff })) });
  else console.log(planText(plans, paint(useColour())));
  if (plans.some(hasChanges)) process.exitCode = CHANGES;
}
