// The commands, by name. Only the one that is called is loaded: a daemon has no use for the code of the others, and
// gateways wait while it starts.
import type { Command } from 'commander';

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve.js')).serveCommand(),
  resolve: async () => (await import('./resolve.js')).resolveCommand(),
  check: async () => (await import('./check.js')).checkCommand(),
  status: async () => (await import('./status.js')).statusCommand(),
  doctor: async () => (await import('./doctor.js')).doctorCommand(),
  tap: async () => (await import('./tap.js')).tapCommand(),
  reload: async () => (await import('./reload.js')).reloadCommand(),
  routes: async () => (await import('./routes.js')).routesCommand(),
  plan: async () => (await import('./plan.js')).planCommand(),
  apply: async () => (await import('./apply.js')).applyCommand(),
  migrate: async () => (await import('./migrate.js')).migrateCommand(),
  restored: async () => (await import('./restored.js')).restoredCommand(),
  'install-systemd': async () => (await import('./install-systemd.js')).installSystemdCommand(),
};

/** That of the first argument; all, where it names none: for the help, and for what may have been meant. */
export async function commandsFor(name: string | undefined): Promise<readonly Command[]> {
  const load = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load !== undefined) return [await load()];
  return Promise.all(Object.values(COMMANDS).map((each) => each()));
}
