// `signalbox routes create`: a new route, the last of its priority.
import { Command } from 'commander';
import { SignalboxError } from '../../errors.js';
import { type AdminFlags, orgOption, withAdmin, withChangeOptions } from '../admin/options.js';
import { printJson } from '../output/json.js';
import { type DraftFlags, readDraft, withDraftOptions } from './draft.js';
import { sentence } from './route-text.js';

type Flags = AdminFlags & DraftFlags & { readonly org: string; readonly disabled?: boolean };

export function createCommand(): Command {
  return withChangeOptions(withDraftOptions(new Command('create').addOption(orgOption())))
    .description('a new route, the last of its priority')
    .option('--disabled', 'never selected, until it is enabled')
    .addHelpText(
      'after',
      `
Example:
  signalbox routes create --org 0190a000-0000-7000-8000-000000000001 --name cheap-short \\
    --when '{"model_in":["gpt-4o"],"input_tokens_lt":500}' --target-model gpt-4o-mini --fallback claude-haiku-4-5`,
    )
    .action(create);
}

async function create(flags: Flags): Promise<void> {
  if (flags.file === undefined && flags.name === undefined)
    throw new SignalboxError(
      'usage',
      'say the route with --name and --target-model or --then, or with --file',
    );
  const draft = await readDraft(flags.disabled === true ? { ...flags, enabled: false } : flags, {});
  const route = await withAdmin(flags, (admin) => admin.create(flags.org, draft));
  if (flags.json === true) printJson(route);
  else console.log(sentence(route, 'is created'));
}
