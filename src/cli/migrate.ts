// `signalbox migrate`: brings a database's schema up to date, for those who don't let daemons do it.
import { Command } from 'commander';
import { monotonicClock } from '../clock.js';
import { storeOption } from '../config.js';
import { SignalboxError } from '../errors.js';
import { migrate } from '../store/mysql/migrate.js';
import { MysqlClient } from '../store/mysql/mysql-client.js';
import { parseMysqlUrl } from '../store/mysql/mysql-url.js';

export function migrateCommand(): Command {
  return new Command('migrate')
    .description("bring a database's schema up to date")
    .addOption(storeOption())
    .action(run);
}

async function run({ store }: { readonly store: string }): Promise<void> {
  if (!/^mysql:/i.test(store)) {
    throw new SignalboxError('usage', 'only a database has a schema: --store mysql://USER@HOST/DATABASE');
  }
  const client = new MysqlClient(parseMysqlUrl(store), { clock: monotonicClock, random: Math.random });
  try {
    const { from, to } = await migrate(client, 'auto');
    console.log(
      from === to ? `the schema is at version ${to}` : `the schema went from version ${from} to ${to}`,
    );
  } finally {
    await client.close();
  }
}
