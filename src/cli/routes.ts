// `signalbox routes …`: an org's routes, over the admin API.
import { Command } from 'commander';
import { createCommand } from './routes/create.js';
import { deleteCommand } from './routes/delete.js';
import { exportCommand } from './routes/export.js';
import { historyCommand } from './routes/history.js';
import { importCommand } from './routes/import.js';
import { listCommand } from './routes/list.js';
import { pauseCommand, resumeCommand } from './routes/pause.js';
import { rollbackCommand } from './routes/rollback.js';
import { showCommand } from './routes/show.js';
import { updateCommand } from './routes/update.js';

export function routesCommand(): Command {
  const group = new Command('routes').description("look at an org's routes, and change them");
  const commands = [
    listCommand(),
    showCommand(),
    createCommand(),
    updateCommand(),
    deleteCommand(),
    pauseCommand(),
    resumeCommand(),
    historyCommand(),
    rollbackCommand(),
    exportCommand(),
    importCommand(),
  ];
  for (const command of commands) group.addCommand(command);
  return group;
}
