// `signalbox reload`: has the daemon read again what it read at the start, and says what came of it.
import { Command } from 'commander';
import { type AdminFlags, withAdmin, withAdminOptions } from './admin/options.js';
import { printJson } from './output/json.js';

export function reloadCommand(): Command {
  return withAdminOptions(new Command('reload'))
    .description(
      'have the daemon read its route file, or the password of its database, again; exit 1, with the reason, if it refuses',
    )
    .action(reload);
}

async function reload(flags: AdminFlags): Promise<void> {
  const reloaded = await withAdmin(flags, (admin) => admin.reload());
  if (flags.json === true) printJson(reloaded);
  else console.log(`reloaded: ${reloaded.workers} workers go by it`);
}
