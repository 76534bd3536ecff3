// `signalbox routes update`: changes what the flags say of a route, or all of it with a file. Refused if somebody else
// changed it in between.
import { Command } from 'commander';
import { integerFrom } from '../../config.js';
import { SignalboxError } from '../../errors.js';
import { type AdminFlags, orgOption, withAdmin, withChangeOptions } from '../admin/options.js';
import { printJson } from '../output/json.js';
import { type DraftFlags, readDraft, withDraftOptions } from './draft.js';
import { ROUTE_ARGUMENT, findRoute } from './find-route.js';
import { sentence } from './route-text.js';

type Flags = AdminFlags &
  DraftFlags & {
    readonly org: string;
    readonly disabled?: boolean;
    readonly revision?: number;
  };

export function updateCommand(): Command {
  return withChangeOptions(
    withDraftOptions(new Command('update').argument(...ROUTE_ARGUMENT).addOption(orgOption())),
  )
    .description('change what the flags say of a route; --file says all of it')
    .option('--enabled', 'selected again')
    .option('--disabled', 'never selected, but keeps its place')
    .option(
      '--revision <n>',
      'only if the route is at this revision',
      integerFrom(0, Number.MAX_SAFE_INTEGER),
    )
    .action(update);
}

async function update(text: string, flags: Flags): Promise<void> {
  const { org, disabled = false, enabled = false } = flags;
  if (enabled && disabled) throw new SignalboxError('usage', 'say --enabled or --disabled, not both');
  const given = ['file', 'name', 'priority', 'targetModel', 'fallback', 'when', 'then'] as const;
  if (!enabled && !disabled && given.every((flag) => flags[flag] === undefined))
    throw new SignalboxError('usage', 'say what is to change, as with --priority, or all of it with --file');
  const { before, after } = await withAdmin(flags, async (admin) => {
    const route = await findRoute(admin, org, text);
    const { name, priority, when, then } = route;
    const draftFlags = disabled ? { ...flags, enabled: false } : flags;
    const draft = await readDraft(draftFlags, { name, priority, enabled: route.enabled, when, then });
    const updated = await admin.update(org, route.id, draft, flags.revision ?? route.revision);
    return { before: route, after: updated };
  });
  if (flags.json === true) printJson(after);
  else console.log(sentence(after, after.revision === before.revision ? 'was so already' : 'is updated'));
}
