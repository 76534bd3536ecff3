// `signalbox routes pause` and `resume`: a paused route still matches, and changes nothing of the request.
import { Command } from 'commander';
import type { StoredRoute } from '../../store/route-store.js';
import type { AdminClient } from '../admin/admin-client.js';
import { type AdminFlags, orgOption, withAdmin, withChangeOptions } from '../admin/options.js';
import { printJson } from '../output/json.js';
import { ROUTE_ARGUMENT, findRoute } from './find-route.js';
import { sentence } from './route-text.js';

type Flags = AdminFlags & { readonly org: string };
type Change = (admin: AdminClient, orgId: string, routeId: string) => Promise<StoredRoute>;

export function pauseCommand(): Command {
  return command('pause', 'is paused', (admin, org, id) => admin.pause(org, id)).description(
    "let a route match, but keep the caller's model: no target, fallbacks or effects",
  );
}

export function resumeCommand(): Command {
  return command('resume', 'is on again', (admin, org, id) => admin.resume(org, id)).description(
    'let a paused route go on',
  );
}

function command(name: string, done: string, change: Change): Command {
  return withChangeOptions(new Command(name))
    .argument(...ROUTE_ARGUMENT)
    .addOption(orgOption())
    .action(async (text: string, flags: Flags) => {
      const { before, after } = await withAdmin(flags, async (admin) => {
        const route = await findRoute(admin, flags.org, text);
        return { before: route, after: await change(admin, flags.org, route.id) };
      });
      if (flags.json === true) printJson(after);
      else console.log(sentence(after, before.revision === after.revision ? 'was so already' : done));
    });
}
