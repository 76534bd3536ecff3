// `signalbox routes rollback`: an org's routes as they were at an earlier revision, which makes a new one.
import { Command } from 'commander';
import { integerFrom } from '../../config.js';
import { type AdminFlags, orgOption, withAdmin, withChangeOptions } from '../admin/options.js';
import { printJson } from '../output/json.js';
import { count } from '../output/words.js';

export function rollbackCommand(): Command {
  return withChangeOptions(new Command('rollback'))
    .description("make an org's routes what they were at an earlier revision; see history")
    .argument('<revision>', 'the revision, as history says it', integerFrom(0, Number.MAX_SAFE_INTEGER))
    .addOption(orgOption())
    .action(rollback);
}

async function rollback(to: number, flags: AdminFlags & { readonly org: string }): Promise<void> {
  const answer = await withAdmin(flags, (admin) => admin.rollback(flags.org, to));
  if (flags.json === true) return printJson(answer);
  const routes = count(answer.routes.length, 'route');
  console.log(`org ${flags.org}: ${routes} as at revision ${to}, now at revision ${answer.revision}`);
}
