// A plan for people: what is created, changed and deleted, by org and route. Pure.
import type { RouteToBe } from '../admin/answers.js';
import type { Paint } from '../output/colour.js';
import { printable } from '../output/printable.js';
import { widthOf } from '../output/table.js';
import { actionText, conditionsText, count, valueText } from '../output/words.js';
import { changedFields } from './changed-fields.js';
import { type OrgPlan, hasChanges } from './org-plan.js';

/** Ends with the sum of it. */
export function planText(plans: readonly OrgPlan[], paint: Paint): string {
  const changed = plans.filter(hasChanges);
  return [...changed.flatMap((plan) => [...orgLines(plan, paint), '']), sumText(plans)].join('\n');
}

/** `2 to create, 1 to change, 0 to delete in 1 of 3 orgs; 10 routes stay as they are`. */
function sumText(plans: readonly OrgPlan[]): string {
  const sum = (of: (plan: OrgPlan) => number): number => plans.reduce((total, plan) => total + of(plan), 0);
  const unchanged = count(
    sum(({ diff }) => diff.unchanged),
    'route',
  );
  const changed = plans.filter(hasChanges).length;
  if (changed === 0) return `no changes: ${unchanged} of ${count(plans.length, 'org')} as they are to be`;
  const created = sum(({ diff }) => diff.create.length);
  const updated = sum(({ diff }) => diff.update.length);
  const deleted = sum(({ diff }) => diff.delete.length);
  const where = plans.length === changed ? count(changed, 'org') : `${changed} of ${plans.length} orgs`;
  return `${created} to create, ${updated} to change, ${deleted} to delete in ${where}; ${unchanged} unchanged`;
}

function orgLines({ orgId, revision, diff }: OrgPlan, { bold, green, yellow, red, dim }: Paint): string[] {
  return [
    `${bold(`org ${orgId}`)} ${dim(`(at revision ${revision})`)}`,
    ...diff.create.map((route) => green(`  + ${printable(route.name)}  ${summary(route)}`)),
    ...diff.update.flatMap(({ before, after }) => {
      const name = printable(before.name);
      const [first = '', ...others] = changedFields(before, after).map(
        (change) => `${printable(change.path)}: ${valueText(change.before)} → ${valueText(change.after)}`,
      );
      const indent = ' '.repeat('  ~ '.length + widthOf(name) + 2);
      return [`  ~ ${name}  ${first}`, ...others.map((line) => indent + line)].map(yellow);
    }),
    ...diff.delete.map((route) => red(`  - ${printable(route.name)}  ${summary(route)}`)),
    ...(diff.reordered === true ? [yellow('  ~ the order of routes of one priority')] : []),
  ];
}

function summary({ priority, enabled, paused = false, when, then }: RouteToBe): string {
  const state = [enabled ? '' : 'disabled ', paused ? 'paused ' : ''].join('');
  return `${state}priority=${priority}  ${conditionsText(when)}  ${actionText(then)}`;
}
