// `signalbox routes delete`: takes a route away. Refused if somebody changed it since it was looked up.
import { Command } from 'commander';
import { integerFrom } from '../../config.js';
import { type AdminFlags, orgOption, withAdmin, withChangeOptions } from '../admin/options.js';
import { printJson } from '../output/json.js';
import { printable } from '../output/printable.js';
import { ROUTE_ARGUMENT, findRoute } from './find-route.js';

type Flags = AdminFlags & { readonly org: string; readonly revision?: number };

export function deleteCommand(): Command {
  return withChangeOptions(new Command('delete'))
    .description('take a route away')
    .argument(...ROUTE_ARGUMENT)
    .addOption(orgOption())
    .option(
      '--revision <n>',
      'only if the route is at this revision',
      integerFrom(0, Number.MAX_SAFE_INTEGER),
    )
    .action(deleteRoute);
}

async function deleteRoute(text: string, flags: Flags): Promise<void> {
  const route = await withAdmin(flags, async (admin) => {
    const found = await findRoute(admin, flags.org, text);
    await admin.delete(flags.org, found.id, flags.revision ?? found.revision);
    return found;
  });
  // The API answers with nothing; what is gone is worth more.
  if (flags.json === true) printJson(route);
  else console.log(`${printable(route.name)} (${route.id}) is deleted`);
}
