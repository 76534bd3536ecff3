// `signalbox check FILE`: says every problem of a route file, with its line, before the daemon is given it.
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { SignalboxError, messageOf, systemCode } from '../errors.js';
import { formatProblem, checkRouteFile } from '../store/route-file.js';
import { NO } from './exit-codes.js';

export function checkCommand(): Command {
  return new Command('check')
    .description('validate a route file: every problem with its path and line; exit 1 if there are any')
    .argument('<file>', 'a route file, YAML or JSON')
    .option('--json', 'print the problems as JSON')
    .action(check);
}

async function check(path: string, { json = false }: { json?: boolean }): Promise<void> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const reason = systemCode(error) === 'ENOENT' ? 'there is no such file' : messageOf(error);
    throw new SignalboxError('refused', `cannot read ${path}: ${reason}`, { cause: error });
  }
  const parsed = checkRouteFile(text);
  if (parsed.ok) {
    const { orgs } = parsed.file;
    const routes = [...orgs.values()].reduce((sum, ofOrg) => sum + ofOrg.length, 0);
    if (json)
      console.log(JSON.stringify({ valid: true, orgs: orgs.size, routes, problems: [] }, undefined, 2));
    else console.log(`${path}: ${routes} routes of ${orgs.size} orgs, no problems`);
    return;
  }
  const { problems } = parsed;
  if (json) console.log(JSON.stringify({ valid: false, problems }, undefined, 2));
  else for (const problem of problems) console.log(formatProblem(path, problem));
  if (!json)
    console.error(
      `signalbox: ${path} has ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`,
    );
  process.exitCode = NO;
}
