// `signalbox migrate`: brings a database's schema up to date, for those who don't let daemons do it.
import { Command } from 'commander';
import { storeOption } from '../config.js';
import { migrate } from '../store/mysql/migrate.js';
import { withDatabase } from './database.js';

export function migrateCommand(): Command {
  return new Command('migrate')
    .description("bring a database's schema up to date")
    .addOption(storeOption())
    .action(run);
}

async function run({ store }: { readonly store: string }): Promise<void> {
  const { from, to } = await withDatabase(store, (client) => migrate(client, 'auto'));
  console.log(
    from === to ? `the schema is at version ${to}` : `the schema went from version ${from} to ${to}`,
  );
}
