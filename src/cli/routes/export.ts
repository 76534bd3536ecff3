// `signalbox routes export`: orgs' routes as a route file, with their ids, for check, plan, apply and import.
import { Command } from 'commander';
import { stringify } from 'yaml';
import { SignalboxError } from '../../errors.js';
import { formatProblem, checkRouteFile } from '../../store/route-file.js';
import type { OrgAnswer } from '../admin/answers.js';
import { type AdminFlags, orgsOption, withAdmin, withAdminOptions } from '../admin/options.js';
import { printable } from '../output/printable.js';
import { startProgress } from '../output/progress.js';

export function exportCommand(): Command {
  return withAdminOptions(new Command('export'))
    .description("print orgs' routes as a route file, YAML, or JSON with --json")
    .addOption(orgsOption('an org'))
    .action(exportRoutes);
}

async function exportRoutes(flags: AdminFlags & { readonly org?: readonly string[] }): Promise<void> {
  const { org: orgs = [], json = false } = flags;
  if (orgs.length === 0)
    throw new SignalboxError('usage', 'say each org with --org: the daemon has no list of all of them');
  const answers = await withAdmin(flags, async (admin) => {
    const progress = startProgress('exporting', orgs.length);
    const read: OrgAnswer[] = [];
    try {
      for (const org of orgs) {
        progress.at(read.length);
        read.push(await admin.routes(org));
      }
    } finally {
      progress.end();
    }
    return read;
  });
  const text = routeFileText(answers, json);
  console.log(text.trimEnd());
  for (const { org_id: org, refused = [] } of answers)
    for (const { route_id: routeId, message } of refused)
      console.error(`signalbox: left out: ${routeId} of org ${org}: ${printable(message)}`);
  reportProblems(text);
}

/** Table order becomes file order, and so creation order: which route is tried first stays the same. */
export function routeFileText(answers: readonly OrgAnswer[], json: boolean): string {
  const orgs = Object.fromEntries(
    answers.map(({ org_id: org, routes }) => [
      org,
      routes.map(({ id, name, priority, enabled, paused, when, then }) => ({
        id,
        name,
        priority,
        enabled,
        ...(paused ? { paused } : {}),
        when,
        then,
      })),
    ]),
  );
  if (json) return `${JSON.stringify({ orgs }, undefined, 2)}\n`;
  return stringify({ orgs }, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** What somebody wrote into the store by hand may be served, and still be nothing that a writer may say. */
function reportProblems(text: string): void {
  const parsed = checkRouteFile(text);
  if (parsed.ok) return;
  const lines = parsed.problems.map((problem) => formatProblem('export', problem));
  throw new SignalboxError('refused', ['the store has routes that check refuses', ...lines].join('\n'));
}
