// `signalbox restored`: says that the database was restored from a backup. Until somebody does, daemons keep to what
// they have seen of later revisions, as they do when they meet a replica that is behind.
import { Command } from 'commander';
import { storeOption } from '../config.js';
import { migrate } from '../store/mysql/migrate.js';
import { noteRestore } from '../store/mysql/restores.js';
import { withDatabase } from './database.js';
import { userName } from './user-name.js';

interface RestoredFlags {
  readonly store: string;
  readonly actor?: string;
  readonly reason?: string;
}

export function restoredCommand(): Command {
  return new Command('restored')
    .description('say that the database was restored from a backup: daemons take what it has now')
    .addOption(storeOption())
    .option('--actor <name>', "who says so (default: the user's name)")
    .option('--reason <text>', 'why it was restored')
    .action(run);
}

async function run({ store, actor = userName(), reason }: RestoredFlags): Promise<void> {
  await withDatabase(store, async (client) => {
    // The backup may be from before this could be said.
    await migrate(client, 'auto');
    await noteRestore(client, { actor, reason });
  });
  console.log(
    'every daemon takes the routes that the database has now, within its time to live at the latest',
  );
}
