// `signalbox routes show`: one route, whole.
import { Command } from 'commander';
import { type AdminFlags, orgOption, withAdmin, withAdminOptions } from '../admin/options.js';
import { printJson } from '../output/json.js';
import { ROUTE_ARGUMENT, findRoute } from './find-route.js';
import { routeText } from './route-text.js';

export function showCommand(): Command {
  return withAdminOptions(new Command('show'))
    .description('one route, whole')
    .argument(...ROUTE_ARGUMENT)
    .addOption(orgOption())
    .action(show);
}

async function show(text: string, flags: AdminFlags & { readonly org: string }): Promise<void> {
  const route = await withAdmin(flags, (admin) => findRoute(admin, flags.org, text));
  if (flags.json === true) printJson(route);
  else console.log(routeText(route));
}
