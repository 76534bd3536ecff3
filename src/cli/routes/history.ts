// `signalbox routes history`: who changed what of an org's routes, when and why.
import { Command } from 'commander';
import { integerFrom } from '../../config.js';
import type { HistoryAnswer } from '../admin/answers.js';
import { type AdminFlags, orgOption, withAdmin, withAdminOptions } from '../admin/options.js';
import { printJson } from '../output/json.js';
import { formatTable } from '../output/table.js';
import { actionText, conditionsText } from '../output/words.js';
import { stateText } from './route-text.js';

const DEFAULT_LIMIT = 50;
const LIMIT_MAX = 1000;
const ROUTE_WIDTH = 80;
const REASON_WIDTH = 50;

type Flags = AdminFlags & { readonly org: string; readonly limit: number; readonly before?: number };

export function historyCommand(): Command {
  return withAdminOptions(new Command('history'))
    .description("the changes of an org's routes, the newest first")
    .addOption(orgOption())
    .option('--limit <n>', 'at most so many', integerFrom(1, LIMIT_MAX), DEFAULT_LIMIT)
    .option('--before <revision>', 'earlier ones only', integerFrom(1, Number.MAX_SAFE_INTEGER))
    .action(history);
}

async function history(flags: Flags): Promise<void> {
  const { org, limit, before } = flags;
  const answer = await withAdmin(flags, (admin) => admin.history(org, { limit, before }));
  if (flags.json === true) return printJson(answer);
  console.log(historyText(answer));
  const oldest = answer.entries.at(-1);
  if (answer.entries.length === limit && oldest !== undefined && oldest.revision > 1)
    console.error(`signalbox: more with --before ${oldest.revision}`);
}

function historyText({ org_id: org, entries }: HistoryAnswer): string {
  if (entries.length === 0) return `org ${org} has no history there`;
  const columns = [
    { title: 'REVISION', align: 'right' },
    { title: 'AT' },
    { title: 'BY' },
    { title: 'DID' },
    { title: 'ROUTE', maxWidth: ROUTE_WIDTH },
    { title: 'REASON', maxWidth: REASON_WIDTH },
  ] as const;
  const rows = entries.map(({ revision, at, actor, operation, route, reason }) => {
    const { name, priority, when, then } = route;
    const whole = `${name}: ${stateText(route)} priority=${priority} ${conditionsText(when)} ${actionText(then)}`;
    return [String(revision), at, actor ?? '-', operation, whole, reason ?? ''];
  });
  return formatTable(columns, rows);
}
