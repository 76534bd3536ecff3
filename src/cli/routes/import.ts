// `signalbox routes import`: adds the routes of a file to those that the orgs have. Reads route files, and rows
// exported from the `routes` table of the tt-routing crate.
import { Command } from 'commander';
import { checkRouteFile } from '../../store/route-file.js';
import { type AdminFlags, orgsOption, withAdmin, withChangeOptions } from '../admin/options.js';
import { applyAndReport } from '../apply.js';
import { paint, useColour } from '../output/colour.js';
import { printPlans } from '../plan.js';
import { type WantedOrgs, planOrgs } from '../planning/org-plan.js';
import { planText } from '../planning/plan-text.js';
import { asSaid, parseWantedOrgs, pickOrgs, problemsError, readSource } from '../planning/wanted-orgs.js';
import { convertCrateRows } from './crate-rows.js';

type Flags = AdminFlags & { readonly org?: readonly string[]; readonly dryRun?: boolean };

export function importCommand(): Command {
  return withChangeOptions(new Command('import'))
    .description('add the routes of a file; a route that is there already is changed, and none is deleted')
    .argument('<file>', 'a route file, or a JSON array of rows of a tt-routing routes table')
    .addOption(orgsOption('only these orgs of the file'))
    .option('--dry-run', 'only say what would change; exit 2 if anything, 0 if nothing')
    .addHelpText(
      'after',
      "\nA route that is there already is one with the same id or, where the file gives none, with the same name. What\na tt-routing action says beyond signalbox's own fields becomes one of its effects.",
    )
    .action(importRoutes);
}

async function importRoutes(path: string, flags: Flags): Promise<void> {
  const { json = false, dryRun = false, org } = flags;
  const source = await readSource(path);
  const rows = rowsOf(source);
  const wanted = rows === undefined ? parseWantedOrgs(path, source) : wantedOfRows(path, rows);
  const picked = pickOrgs(wanted, org, path);
  await withAdmin(flags, async (admin) => {
    const plans = await planOrgs(admin, picked, 'add');
    if (dryRun) return printPlans(plans, flags);
    if (!json) console.log(planText(plans, paint(useColour())));
    await applyAndReport(admin, plans, json);
  });
}

/** Undefined: it is no JSON array, and so a route file, or nothing. */
function rowsOf(source: string): readonly unknown[] | undefined {
  if (!/^[\s\ufeff]*\[/.test(source)) return undefined;
  try {
    const value: unknown = JSON.parse(source);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Every problem of every row at once, by the number of the row. */
export function wantedOfRows(path: string, rows: readonly unknown[]): WantedOrgs {
  const { orgs, rowNumbers, problems } = convertCrateRows(rows);
  const parsed = checkRouteFile(JSON.stringify({ orgs: Object.fromEntries(orgs) }));
  if (parsed.ok && problems.length === 0) return asSaid(parsed.file);
  const ofRoutes = parsed.ok ? [] : parsed.problems;
  const lines = ofRoutes.map(({ path: at, code, message }) => {
    const [, org = '', index, field = ''] = /^orgs\.([^.[]*)\[(\d+)\]\.?(.*)$/s.exec(at) ?? [];
    const row = rowNumbers.get(org)?.[Number(index)];
    return row === undefined ? `${at}: ${code}: ${message}` : `row ${row}: ${field}: ${code}: ${message}`;
  });
  throw problemsError(path, [...problems, ...lines]);
}
