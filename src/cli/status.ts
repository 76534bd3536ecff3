// `signalbox status`: what the daemon is doing, on one screen.
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { DaemonStatus } from '../admin/backend.js';
import { SignalboxError } from '../errors.js';
import type { AdminClient } from './admin/admin-client.js';
import { type AdminFlags, withAdmin, withAdminOptions } from './admin/options.js';
import { NO, OK } from './exit-codes.js';
import { paint, useColour } from './output/colour.js';
import { printJson } from './output/json.js';
import { statusText } from './output/status-text.js';
import { untilEnough } from './output/until-enough.js';

const REFRESH_MS = 1000;
const CLEAR_SCREEN = '\u001b[H\u001b[2J';

export function statusCommand(): Command {
  return withAdminOptions(new Command('status'))
    .description('what the daemon is doing; exit 1 if it is not ready to decide')
    .option('--watch', 'say it again every second, until Ctrl-C')
    .action(status);
}

async function status(flags: AdminFlags & { readonly watch?: boolean }): Promise<void> {
  if (flags.watch === true) {
    await untilEnough((ended) => watchStatus(flags, ended));
    process.exitCode = OK;
    return;
  }
  const now = await withAdmin(flags, (admin) => admin.status());
  if (flags.json === true) printJson(now);
  else console.log(statusText(now, paint(useColour())));
  if (!canDecide(now)) process.exitCode = NO;
}

/** Goes on while the daemon is away: a restart is what people watch. */
export async function watchStatus(flags: AdminFlags, ended: AbortSignal): Promise<void> {
  await withAdmin(flags, async (admin) => {
    let before: DaemonStatus | undefined;
    while (!ended.aborted) {
      const now = await look(admin);
      const text = 'error' in now ? errorText(now, flags) : textOf(now, flags, before);
      if (!('error' in now)) before = now;
      console.log(process.stdout.isTTY ? `${CLEAR_SCREEN}${text}` : text);
      await sleep(REFRESH_MS, undefined, { signal: ended }).catch(() => undefined);
    }
  });
}

interface Unreachable {
  readonly error: { readonly code: string; readonly message: string };
}

/** A daemon that is away is something to be told too. */
async function look(admin: AdminClient): Promise<DaemonStatus | Unreachable> {
  try {
    return await admin.status();
  } catch (error) {
    if (!(error instanceof SignalboxError) || error.code === 'internal') throw error;
    const { code, message } = error;
    return { error: { code, message } };
  }
}

/** With --json, a line each time. */
function textOf(now: DaemonStatus, { json }: AdminFlags, before: DaemonStatus | undefined): string {
  return json === true ? JSON.stringify(now) : statusText(now, paint(useColour()), before);
}

function errorText(away: Unreachable, { json }: AdminFlags): string {
  return json === true ? JSON.stringify(away) : away.error.message;
}

function canDecide({ state, workers }: DaemonStatus): boolean {
  return state === 'ready' && workers.running > 0;
}
