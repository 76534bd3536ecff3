// `signalbox routes list`: an org's routes, in the order in which they are tried, and how often each was decided for.
import { Command } from 'commander';
import { type AdminFlags, orgOption, withAdmin, withAdminOptions } from '../admin/options.js';
import { printJson } from '../output/json.js';
import { printable } from '../output/printable.js';
import { routeListText } from './route-text.js';

export function listCommand(): Command {
  return withAdminOptions(new Command('list'))
    .description("an org's routes, in the order in which they are tried; disabled ones too")
    .addOption(orgOption())
    .action(list);
}

async function list(flags: AdminFlags & { readonly org: string }): Promise<void> {
  const [answer, hits] = await withAdmin(flags, async (admin) => [
    await admin.routes(flags.org),
    await admin.hits(flags.org),
  ]);
  if (flags.json === true) return printJson({ ...answer, hits });
  console.log(routeListText(answer, hits, Date.now()));
  for (const { route_id: routeId, message } of answer.refused ?? [])
    console.error(`signalbox: not served: ${routeId}: ${printable(message)}`);
}
