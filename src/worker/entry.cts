// What Piscina loads in each worker. CommonJS, and only this file: Piscina compiles a function from text to import an
// ES module, which --disallow-code-generation-from-strings forbids, while `import()` in here needs no such thing.
import type { ConnectionTask } from './thread-messages.js' with { 'resolution-mode': 'import' };

const serving = import('./serve.js');

async function entry(task: ConnectionTask): Promise<void> {
  const { serveConnection } = await serving;
  await serveConnection(task);
}

export = entry;
